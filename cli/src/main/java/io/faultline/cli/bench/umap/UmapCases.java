package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;

/** The cases of the comparison with umap and mmap. */
public final class UmapCases {
  private static final String DOUBLE = "umapsort-double";

  /** Sorts of the first and of the second size. */
  private static final List<String> SORTS = List.of("umapsort", DOUBLE);

  /** Those that may be the best first. */
  private static final List<Long> PAGE_SIZES = List.of(256L << 10, 1L << 20, 64L << 10, 4L << 10);

  private UmapCases() {}

  /** Whether the cases of a table need a build of umap. */
  public static boolean isOf(ResultTable table) {
    return table == ResultTable.UMAPSORT || table == ResultTable.PFBENCHMARK;
  }

  /** Whether a case is compared with umap without being named: it takes minutes, not more. */
  public static boolean isShort(BenchCase each) {
    return isOf(each.table()) && !each.counterpart().equals(DOUBLE);
  }

  /** On our pager. */
  public static List<BenchCase> ofProject(UmapLab lab) {
    List<BenchCase> cases = new ArrayList<>();
    addSorts(cases, lab, List.of(new PagerSystem()));
    for (Access access : Access.values()) {
      addAccess(cases, lab, access, List.of(new PagerSystem()));
    }
    return cases;
  }

  /** On umap and on mmap; each has one of ours as its counterpart. */
  public static List<BenchCase> references(UmapLab lab) {
    List<BenchCase> cases = new ArrayList<>();
    List<PagedSystem> sorts = new ArrayList<>(List.of(new MmapSystem(false)));
    PAGE_SIZES.forEach(bytes -> sorts.add(new UmapSystem(bytes)));
    addSorts(cases, lab, sorts);
    // pfbenchmark accesses a word of each of umap's pages: with others it does other work.
    PagedSystem umap = new UmapSystem(PagedSystem.PAGE_BYTES);
    addAccess(cases, lab, Access.WRITE, List.of(umap, new MmapSystem(false)));
    addAccess(cases, lab, Access.READ, List.of(umap, new MmapSystem(true)));
    addAccess(cases, lab, Access.MODIFY, List.of(umap, new MmapSystem(true)));
    return cases;
  }

  private static void addSorts(List<BenchCase> cases, UmapLab lab, List<PagedSystem> systems) {
    List<UmapSettings.Size> sizes = lab.settings().sizes();
    for (int i = 0; i < sizes.size(); i++) {
      for (PagedSystem system : systems) {
        cases.add(new SortCase(lab, SORTS.get(i), system, sizes.get(i)));
      }
    }
  }

  private static void addAccess(
      List<BenchCase> cases, UmapLab lab, Access access, List<PagedSystem> systems) {
    UmapSettings.Size size = lab.settings().sizes().getFirst();
    systems.forEach(system -> cases.add(new AccessCase(lab, access, system, size)));
  }
}
