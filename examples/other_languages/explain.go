// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

package main

// #cgo pkg-config: banzhaf
// #include <banzhaf.h>
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"log"
	"unsafe"
)

func main() {
	path := C.CString("diabetes.trees")
	defer C.free(unsafe.Pointer(path))
	var explainer *C.banzhaf_explainer
	var reason [256]C.char
	if C.banzhaf_open(path, &explainer, &reason[0], 256) != 0 {
		log.Fatal(C.GoString(&reason[0]))
	}
	defer C.banzhaf_close(explainer)

	patient := []float64{65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86}
	values := make([]float64, 10)
	status := C.banzhaf_explain(explainer, (*C.double)(&patient[0]), 10, (*C.double)(&values[0]), 10, 1, &reason[0], 256)
	if status != 0 {
		log.Fatal(C.GoString(&reason[0]))
	}
	fmt.Println(values)
}
