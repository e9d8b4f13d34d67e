package io.faultline.snapshot.file;

import io.faultline.memory.PageBitmap;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages that VMs restored from a snapshot have needed: the next one gets them before the rest.
 * A set, not an order: the set repeats from run to run, the order does not.
 *
 * <p>It is the union of the last {@value #MAX_RECORDINGS} recordings, each the demand faults of a
 * run. A run that had the working set faults only on what the set lacks: those pages are added to
 * the latest recording, for up to {@value #MAX_RUNS} runs, so that pages which cause no fault since
 * they are always there in time are not forgotten. A run with many faults elsewhere is a recording
 * of its own. So pages that are no longer needed go after some runs.
 *
 * <p>Immutable: the bitmaps of one must not be changed.
 */
public final class WorkingSet {
  /** The recordings that are kept. */
  public static final int MAX_RECORDINGS = 4;

  /** The runs of one recording. */
  static final int MAX_RUNS = 16;

  private final List<Recording> recordings;
  private final List<PageBitmap> union;

  /**
   * What was recorded.
   *
   * @param runs how many runs it comes from, at least 1
   * @param pages for each region
   */
  record Recording(int runs, List<PageBitmap> pages) {
    Recording {
      pages = List.copyOf(pages);
    }
  }

  /**
   * @param recordings the latest first
   * @param regionPages the number of pages of each region
   */
  WorkingSet(List<Recording> recordings, List<Long> regionPages) {
    this.recordings = List.copyOf(recordings);
    union = regionPages.stream().map(PageBitmap::new).toList();
    recordings.forEach(each -> or(union, each.pages()));
  }

  List<Recording> recordings() {
    return recordings;
  }

  /** The pages of each region, in the order of the snapshot's regions. */
  public List<PageBitmap> pages() {
    return union;
  }

  /** The number of pages. */
  public long pageCount() {
    return count(union);
  }

  public boolean isEmpty() {
    return pageCount() == 0;
  }

  /**
   * The working set after another run.
   *
   * @param faults the pages that a VM restored with this set has faulted on, for each region; stays
   *     the caller's
   * @return this one if there is nothing to add
   */
  WorkingSet after(List<PageBitmap> faults) {
    List<PageBitmap> copy = empty();
    or(copy, faults);
    long faulted = count(copy);
    List<PageBitmap> unexpected = empty();
    or(unexpected, faults);
    for (int i = 0; i < union.size(); i++) {
      unexpected.get(i).clear(union.get(i));
    }
    long unexpectedCount = count(unexpected);
    if (faulted == 0 || unexpectedCount == 0) {
      return this;
    }
    List<Recording> next = new ArrayList<>(recordings);
    if (isSimilar(unexpectedCount)) {
      Recording latest = next.removeFirst();
      or(copy, latest.pages());
      next.addFirst(new Recording(latest.runs() + 1, copy));
    } else {
      next.addFirst(new Recording(1, copy));
    }
    return new WorkingSet(
        next.subList(0, Math.min(MAX_RECORDINGS, next.size())),
        union.stream().map(PageBitmap::pageCount).toList());
  }

  /** Whether a run needed few other pages than the latest recording has. */
  private boolean isSimilar(long unexpected) {
    return !recordings.isEmpty()
        && recordings.getFirst().runs() < MAX_RUNS
        && unexpected <= count(recordings.getFirst().pages()) / 2;
  }

  private List<PageBitmap> empty() {
    return union.stream().map(each -> new PageBitmap(each.pageCount())).toList();
  }

  private static void or(List<PageBitmap> to, List<PageBitmap> from) {
    for (int i = 0; i < to.size(); i++) {
      to.get(i).or(from.get(i));
    }
  }

  private static long count(List<PageBitmap> of) {
    return of.stream().mapToLong(PageBitmap::count).sum();
  }
}
