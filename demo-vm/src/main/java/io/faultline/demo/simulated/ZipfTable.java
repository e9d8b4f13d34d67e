package io.faultline.demo.simulated;

/**
 * The tables of {@link Workload#ZIPF}: it draws a rank by bins with aliases, then rank × stride.
 */
public final class ZipfTable {
  private final ZipfRanks ranks;
  private final long stride;

  ZipfTable(ZipfRanks ranks, long stride) {
    this.ranks = ranks;
    this.stride = stride;
  }

  public int bins() {
    return ranks.bins();
  }

  /** The page is rank × stride, modulo the number of pages. */
  public long stride() {
    return stride;
  }

  /** The first rank of a bin; for the number {@link #bins}, the number of ranks. */
  public long firstRank(int bin) {
    return ranks.firstRank(bin);
  }

  /** A draw of the bin stays there if its fraction is below. */
  public double threshold(int bin) {
    return ranks.threshold(bin);
  }

  /** The bin of the other draws. */
  public int alias(int bin) {
    return ranks.alias(bin);
  }
}
