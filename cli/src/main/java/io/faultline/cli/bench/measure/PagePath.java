package io.faultline.cli.bench.measure;

/** Which programs bring the pages of a process that CRIU moves. */
public enum PagePath {
  /** CRIU's dump and CRIU's daemon. */
  STOCK,
  /** CRIU's dump and our daemon. */
  DUMP,
  /** Our page source beside CRIU's dump, and our daemon. */
  SOURCE
}
