// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

use std::ffi::{c_char, c_void, CStr};
use std::ptr;

#[link(name = "banzhaf_c")]
extern "C" {
    fn banzhaf_open(path: *const c_char, explainer: *mut *mut c_void, error: *mut c_char, error_size: u64) -> i32;
    fn banzhaf_explain(
        explainer: *const c_void, rows: *const f64, n_cells: u64, values: *mut f64, n_values: u64,
        num_threads: i32, error: *mut c_char, error_size: u64,
    ) -> i32;
    fn banzhaf_close(explainer: *mut c_void);
}

fn main() {
    let mut explainer = ptr::null_mut();
    let mut error = [0 as c_char; 256];
    let patient = [65.0, 2.0, 27.9, 103.0, 159.0, 96.8, 42.0, 4.0, 4.6151, 86.0];
    let mut values = [0.0; 10];
    unsafe {
        let mut status = banzhaf_open(c"diabetes.trees".as_ptr(), &mut explainer, error.as_mut_ptr(), 256);
        if status == 0 {
            status = banzhaf_explain(
                explainer, patient.as_ptr(), 10, values.as_mut_ptr(), 10, 1, error.as_mut_ptr(), 256);
        }
        if status != 0 {
            panic!("{}", CStr::from_ptr(error.as_ptr()).to_string_lossy());
        }
        banzhaf_close(explainer);
    }
    println!("{values:?}");
}
