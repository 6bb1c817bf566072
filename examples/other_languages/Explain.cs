// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

using System;
using System.Runtime.InteropServices;
using System.Text;

internal static class Explain
{
    [DllImport("banzhaf_c")]
    private static extern int banzhaf_open(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path, out IntPtr explainer, byte[] error, ulong errorSize);

    [DllImport("banzhaf_c")]
    private static extern int banzhaf_explain(
        IntPtr explainer, double[] rows, ulong nCells, double[] values, ulong nValues,
        int numThreads, byte[] error, ulong errorSize);

    [DllImport("banzhaf_c")]
    private static extern void banzhaf_close(IntPtr explainer);

    private static void Main()
    {
        var error = new byte[256];
        if (banzhaf_open("diabetes.trees", out IntPtr explainer, error, 256) != 0)
            throw new ArgumentException(Text(error));
        double[] patient = { 65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86 };
        var values = new double[10];
        if (banzhaf_explain(explainer, patient, 10, values, 10, 1, error, 256) != 0)
            throw new ArgumentException(Text(error));
        Console.WriteLine(string.Join(", ", values));
        banzhaf_close(explainer);
    }

    private static string Text(byte[] error) => Encoding.UTF8.GetString(error, 0, Array.IndexOf(error, (byte)0));
}
