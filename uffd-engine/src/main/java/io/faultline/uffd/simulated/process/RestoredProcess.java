package io.faultline.uffd.simulated.process;

import io.faultline.uffd.Userfaultfd;
import java.util.List;

/**
 * A process as the restorer hands it over: its lazy memory is missing and registered.
 *
 * @param process the process, whose program has not started to run
 * @param userfaultfd for its memory; the receiver owns it
 * @param lazy the ranges whose pages the dump contains, ascending. Other registered pages are
 *     present already, or were never touched, and read as zeros
 */
public record RestoredProcess(
    ForeignProcess process, Userfaultfd userfaultfd, List<LazyRange> lazy) {

  public RestoredProcess {
    lazy = List.copyOf(lazy);
  }

  /**
   * Pages of the dump.
   *
   * @param address at the time of the dump, and of the restore
   * @param pages at least 1
   */
  public record LazyRange(long address, int pages) {}
}
