package io.faultline.snapshot.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.PageBitmap;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkingSetTest {
  private static final long PAGES = 1000;
  private static final WorkingSet NONE = new WorkingSet(List.of(), List.of(PAGES));

  @Test
  void firstRunIsTheSet() {
    WorkingSet set = NONE.after(pages(100, 300));
    assertThat(set.pageCount()).isEqualTo(200);
    assertThat(set.pages().getFirst().isFull(100, 300)).isTrue();
  }

  @Test
  void runWithoutOtherFaultsChangesNothing() {
    WorkingSet set = NONE.after(pages(100, 300));
    assertThat(set.after(pages(0, 0))).isSameAs(set);
    assertThat(set.after(pages(150, 160))).isSameAs(set);
  }

  @Test
  void pagesThatAreAlwaysThereInTimeAreKept() {
    WorkingSet set = NONE.after(pages(100, 300));
    for (int run = 1; run < WorkingSet.MAX_RUNS; run++) {
      set = set.after(pages(400 + run, 401 + run));
    }
    assertThat(set.recordings()).hasSize(1);
    assertThat(set.pageCount()).isEqualTo(200 + WorkingSet.MAX_RUNS - 1);
  }

  @Test
  void pagesOfAnotherWorkloadAreForgotten() {
    WorkingSet set = NONE.after(pages(0, 100));
    for (int run = 1; run <= WorkingSet.MAX_RECORDINGS; run++) {
      assertThat(set.pages().getFirst().get(0)).isTrue();
      set = set.after(pages(run * 200L, run * 200L + 199));
    }
    assertThat(set.recordings()).hasSize(WorkingSet.MAX_RECORDINGS);
    assertThat(set.pages().getFirst().nextSet(0)).isEqualTo(200);
    assertThat(set.pages().getFirst().isFull(800, 999)).isTrue();
  }

  @Test
  void faultsStayTheCallers() {
    List<PageBitmap> faults = pages(100, 300);
    WorkingSet set = NONE.after(faults);
    faults.getFirst().setAll();
    assertThat(set.pageCount()).isEqualTo(200);
  }

  private static List<PageBitmap> pages(long first, long end) {
    PageBitmap pages = new PageBitmap(PAGES);
    pages.set(first, end);
    return List.of(pages);
  }
}
