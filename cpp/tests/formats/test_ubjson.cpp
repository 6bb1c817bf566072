// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Reads documents written by hand, both valid and damaged.
#include <cstdlib>
#include <cstring>
#include <new>
#include <variant>

#include "check.hpp"
#include "formats/ubjson.hpp"
#include "small_stack.hpp"

namespace {

std::size_t n_held = 0, most_held = 0;  // bytes

}  // namespace

// Counts the memory in use, because a hostile document must not need much more than its own size.
[[gnu::noinline]] void* operator new(std::size_t size) {
  auto* memory = static_cast<std::size_t*>(std::malloc(size + 16));
  if (memory == nullptr) throw std::bad_alloc();
  *memory = size;
  n_held += size;
  if (n_held > most_held) most_held = n_held;
  return memory + 16 / sizeof(std::size_t);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  std::size_t* start = static_cast<std::size_t*>(memory) - 16 / sizeof(std::size_t);
  n_held -= *start;
  std::free(start);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace {

using namespace banzhaf::formats;
using banzhaf::testing::on_a_small_stack;
using banzhaf::testing::throws;

// A literal that contains NUL bytes.
template <std::size_t n>
std::string bytes(const char (&literal)[n]) {
  return {literal, n - 1};
}

template <typename T>
const T& as(const Value& value) {
  return *std::get<std::unique_ptr<T>>(value.held);
}

bool fails(const std::string& document, const std::string& part, const std::vector<std::string>& tables = {}) {
  return throws<std::invalid_argument>([&] { (void)parse_ubjson(document, tables); }, part);
}

template <typename T>
std::vector<T> numbers(const Numbers& held) {
  std::vector<T> found(held.size());
  std::memcpy(found.data(), held.bytes.data(), held.bytes.size());
  return found;
}

void check_values() {
  const Value document =
      parse_ubjson(bytes("{i\x01"
                         "a[#i\x02U\xc8SL\x00\x00\x00\x00\x00\x00\x00\x02hi"
                         "i\x01"
                         "b[$d#i\x02?\x80\x00\x00@\x00\x00\x00"
                         "i\x01"
                         "c[TFZ]"
                         "i\x01"
                         "dD@\x00\x00\x00\x00\x00\x00\x00"
                         "i\x01"
                         "eI\xff\xfe"
                         "i\x01"
                         "fl\x80\x00\x00\x00"
                         "i\x01"
                         "gL\x7f\xff\xff\xff\xff\xff\xff\xff"
                         "i\x01"
                         "hi\xff"
                         "i\x01"
                         "jCx"
                         "i\x01"
                         "kd?\x80\x00\x00}"));
  const Object& members = as<Object>(document);
  CHECK(members.size() == 10);
  CHECK(members[0].first == "a");
  const List& list = as<List>(members[0].second);
  CHECK(list.size() == 2 && std::get<std::int64_t>(list[0].held) == 200 && as<Text>(list[1]) == "hi");
  CHECK(numbers<float>(as<Numbers>(members[1].second)) == std::vector<float>({1, 2}));
  const List& constants = as<List>(members[2].second);
  CHECK(std::get<bool>(constants[0].held) && !std::get<bool>(constants[1].held) &&
        std::holds_alternative<std::monostate>(constants[2].held));
  CHECK(std::get<double>(members[3].second.held) == 2);
  CHECK(std::get<std::int64_t>(members[4].second.held) == -2);
  CHECK(std::get<std::int64_t>(members[5].second.held) == -2147483648LL);
  CHECK(std::get<std::int64_t>(members[6].second.held) == 9223372036854775807LL);
  CHECK(std::get<std::int64_t>(members[7].second.held) == -1);
  CHECK(as<Text>(members[8].second) == "x");
  CHECK(std::get<double>(members[9].second.held) == 1);
}

void check_tables() {
  const std::string document = bytes(
      "{i\x01t[#i\x03"
      "{i\x01"
      "a[$l#i\x02\x00\x00\x00\x01\xff\xff\xff\xfei\x01"
      "bi\x05i\x01"
      "c[$d#i\x00}"
      "{i\x01"
      "bZi\x01"
      "a[$l#i\x00}"
      "{i\x01"
      "a[$l#i\x01\x00\x00\x00\x07i\x01"
      "d{}}"
      "}");
  const Value value = parse_ubjson(document, {"t"});
  const Table& table = as<Table>(as<Object>(value)[0].second);
  CHECK(table.size() == 4);
  CHECK(table[0].name == "a" && !table[0].has_values && table[0].sizes == std::vector<std::int64_t>({2, 0, 1}));
  CHECK(numbers<std::int32_t>(table[0].numbers) == std::vector<std::int32_t>({1, -2, 7}));
  CHECK(table[1].has_values && table[1].values.size() == 3 && std::get<std::int64_t>(table[1].values[0].held) == 5);
  CHECK(std::holds_alternative<std::monostate>(table[1].values[2].held));
  CHECK(table[2].sizes == std::vector<std::int64_t>({0, 0, 0}) && table[2].numbers.size() == 0);
  CHECK(table[3].has_values && as<Object>(table[3].values[2]).empty());
  CHECK(as<List>(as<Object>(parse_ubjson(document))[0].second).size() == 3);

  const auto no_table = [](const std::string& rows, const std::string& part) {
    return fails(bytes("{i\x01t[") + rows + "]}", part, {"t"});
  };
  CHECK(no_table(bytes("i\x01"), "not an object"));
  CHECK(no_table(bytes("{i\x01"
                       "a[$U#i\x01\x00}{i\x01"
                       "a[$i#i\x01\x00}"),
                 "several kinds"));
  CHECK(no_table(bytes("{i\x01"
                       "a[$U#i\x01\x00}{i\x01"
                       "ai\x01}"),
                 "arrays and other values"));
  CHECK(no_table(bytes("{i\x01"
                       "ai\x01}{i\x01"
                       "a[$U#i\x01\x00}"),
                 "arrays and other values"));
  CHECK(no_table(bytes("{i\x01"
                       "ai\x01i\x01"
                       "ai\x02}"),
                 "twice"));
}

void check_damage() {
  for (const std::string& document :
       {bytes(""), bytes("{"),
        bytes("{i\x01"
              "a"),
        bytes("[i"), bytes("q"),
        bytes("Si\x05"
              "ab"),
        bytes("[$d#i\x02?\x80"), bytes("i\x01i\x01"), bytes("[$d"), bytes("[$d]"), bytes("Si\xff"),
        bytes("[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff"), bytes("[$T#L\x7f\xff\xff\xff\xff\xff\xff\xff"),
        bytes("[$[#L\x7f\xff\xff\xff\xff\xff\xff\xff"), bytes("[$D#L\x7f\xff\xff\xff\xff\xff\xff\xff"),
        bytes("[#L\x7f\xff\xff\xff\xff\xff\xff\xff"), bytes("SL\x7f\xff\xff\xff\xff\xff\xff\xff")})
    CHECK(fails(document, "data must be UBJSON: "));
}

void check_levels() {
  CHECK(std::get<std::unique_ptr<List>>(parse_ubjson(std::string(50, '[') + std::string(50, ']')).held) != nullptr);
  CHECK(fails(std::string(51, '['), "too many levels"));
  CHECK(fails(std::string(1'000'000, '['), "too many levels"));
}

// Memory is bounded by a constant per byte of the document, whatever the document claims.
void check_memory() {
  std::string constants = "[", names, tiny = "[", columns, empty = "[";
  for (int i = 0; i < 20'000; ++i) {
    constants += bytes("[$Z#I\x03\xe8");
    tiny += "Z";
    empty += "[]";
    const std::string name = std::to_string(100'000 + i).substr(1);  // five digits
    names += bytes("{i\x05") + name + "Z}";
    columns += bytes("i\x05") + name + "Z";
  }
  CHECK(fails(constants, "ends early"));
  const auto bounded = [](const std::string& document) {
    const std::size_t before = n_held;
    most_held = n_held;
    try {
      (void)parse_ubjson(document, {"t"});
    } catch (const std::invalid_argument&) {
    }
    return most_held - before <= 100 * document.size() + 10'000;
  };
  CHECK(bounded(constants + "]"));
  CHECK(bounded(tiny + "]"));
  CHECK(bounded(empty + "]"));
  // Each object of a table names another column, so the missing cells would be as many as the square of the document's
  // size.
  CHECK(fails(bytes("{i\x01t[") + names + "]}", "lacks most of its cells", {"t"}));
  CHECK(bounded(bytes("{i\x01t[") + names + "]}"));
  CHECK(bounded(bytes("{i\x01t[{") + columns + "}]}"));
}

}  // namespace

int main() {
  check_values();
  check_tables();
  check_damage();
  on_a_small_stack(check_levels);
  check_memory();
  return banzhaf::testing::finish();
}
