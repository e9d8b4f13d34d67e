package io.faultline.dest.recording;

/** By which way a page arrived. */
public enum Way {
  /** With data in a precopy round, while the VM ran at the source. */
  PRECOPY,
  /** With data on a bulk connection, while the VM runs here. */
  BACKGROUND,
  /** With data on the urgent connection, after a fault on it had been read and requested. */
  URGENT,
  /** With data on the urgent connection, before any fault on it was read. */
  PREFETCHED,
  /** As a zero page, on any connection. */
  ZERO,
  /** Without data: the source reported that the page which precopy had brought is current. */
  CURRENT
}
