package io.faultline.source;

/**
 * In which order memory follows behind the switchover; each part can be switched off, to see what
 * it is worth.
 *
 * @param bubbling whether the background goes on around the pages that were requested last, or from
 *     the first page to the last
 * @param prefetch whether the answer to a request brings more pages behind the page asked for
 * @param hotFirst whether what was written last before the switchover goes first; only precopy
 *     rounds tell
 */
public record ScanSettings(boolean bubbling, boolean prefetch, boolean hotFirst) {
  public static final ScanSettings DEFAULT = new ScanSettings(true, true, true);

  /** As memory lies, and nothing that nobody asked for. */
  public static final ScanSettings PLAIN = new ScanSettings(false, false, false);
}
