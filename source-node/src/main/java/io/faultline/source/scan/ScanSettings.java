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
 * @param blockPrefetch whether prefetch includes pages near a requested one that is not part of a
 *     walk: half of them are needed at best, which is too little for who learns from them
 */
public record ScanSettings(
    boolean bubbling, boolean prefetch, boolean hotFirst, boolean blockPrefetch) {
  public static final ScanSettings DEFAULT = new ScanSettings(true, true, true);

  /** With block prefetch, if there is prefetch. */
  public ScanSettings(boolean bubbling, boolean prefetch, boolean hotFirst) {
    this(bubbling, prefetch, hotFirst, true);
  }

  /** From the first page to the last, without prefetch. */
  public static final ScanSettings PLAIN = new ScanSettings(false, false, false);
}
