package io.faultline.uffd.conformance;

/** The verdict on one cell of the matrix. */
public enum Verdict {
  /** The engine behaves like the kernel. */
  PASS,
  /** The engine behaves differently; the reason describes how. */
  FAIL,
  /** The machine or the engine cannot run the case; the reason is its message. */
  NOT_SUPPORTED
}
