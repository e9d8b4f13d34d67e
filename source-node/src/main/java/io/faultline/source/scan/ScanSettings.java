package io.faultline.source.scan;

/**
 * The order in which memory is sent after the switchover. Each part can be switched off, to measure
 * its effect.
 *
 * @param bubbling whether the background scan continues around the pages that were requested last;
 *     otherwise it goes from the first page to the last
 * @param prefetch whether further pages are sent after a requested one
 * @param hotFirst whether the background scan sends the pages that were written last before the
 *     switchover first. Only modes with precopy rounds know these
 */
public record ScanSettings(boolean bubbling, boolean prefetch, boolean hotFirst) {
  public static final ScanSettings DEFAULT = new ScanSettings(true, true, true);

  /** From the first page to the last, without prefetch. */
  public static final ScanSettings PLAIN = new ScanSettings(false, false, false);
}
