package io.faultline.demo.simulated;

/** How {@link Workload#ZIPF} draws its pages: a rank, by bins with aliases; then rank × stride. */
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

  /** What a rank is multiplied with, modulo the pages. */
  public long stride() {
    return stride;
  }

  /** The first rank of a bin, 0 to {@link #bins}, the last being the end. */
  public long firstRank(int bin) {
    return ranks.firstRank(bin);
  }

  /** Up to which fraction a draw of the bin stays there. */
  public double threshold(int bin) {
    return ranks.threshold(bin);
  }

  /** Where the other draws go. */
  public int alias(int bin) {
    return ranks.alias(bin);
  }
}
