package io.faultline.uffd.conformance;

/** What came of one cell of the matrix. */
public enum Verdict {
  /** The engine did what the kernel is known to do. */
  PASS,
  /** It did something else; the reason tells what. */
  FAIL,
  /** The machine or the engine cannot run the case; the reason is what it said. */
  NOT_SUPPORTED
}
