package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.paging.EvictionCase;
import io.faultline.cli.bench.paging.PagingCase;
import io.faultline.cli.bench.paging.PagingCase.Kind;
import io.faultline.cli.bench.paging.PagingPrograms;
import io.faultline.cli.bench.paging.PagingSystem;
import io.faultline.cli.bench.paging.Workload;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Memory larger than RAM. They run only if they are selected: they take minutes. */
public final class PagingCases {
  /** The buffer of most cases, relative to the region. */
  private static final int BUFFER_DIVISOR = 4;

  /** The buffers of the table by the size of the buffer. */
  private static final List<Integer> DIVISORS = List.of(8, 4, 2, 1);

  private static final Set<ResultTable> TABLES =
      Set.of(ResultTable.PAGING, ResultTable.PAGING_BUFFERS);

  private final PagingPrograms programs;
  private final long regionBytes;
  private final boolean ours;
  private final List<BenchCase> cases = new ArrayList<>();

  private PagingCases(PagingPrograms programs, long regionBytes, boolean ours) {
    this.programs = programs;
    this.regionBytes = regionBytes;
    this.ours = ours;
  }

  /**
   * The cases of our pager.
   *
   * @param regionBytes the memory that workloads see
   */
  static List<BenchCase> ofProject(BenchEnvironment environment, long regionBytes) {
    return new PagingCases(new PagingPrograms(environment), regionBytes, true).all();
  }

  /** Those of other systems; each has one of this project as its counterpart. */
  public static List<BenchCase> ofOthers(BenchEnvironment environment, long regionBytes) {
    return new PagingCases(new PagingPrograms(environment), regionBytes, false).all();
  }

  /** Whether a case runs only if it is selected for this. */
  public static boolean isOf(BenchCase each) {
    return TABLES.contains(each.table());
  }

  private List<BenchCase> all() {
    add(new EvictionCase(programs, EvictionCase.Way.MOVE));
    add(new EvictionCase(programs, EvictionCase.Way.MOVE_AND_FREE));
    add(new EvictionCase(programs, EvictionCase.Way.COPY));
    for (Workload workload : List.of(Workload.READ, Workload.UPDATE)) {
      add(workload, PagingSystem.PAGING, PagingSystem.C, PagingSystem.MMAP_RANDOM);
    }
    add(Workload.WRITE, PagingSystem.PAGING, PagingSystem.C, PagingSystem.MMAP);
    add(Workload.SORT, PagingSystem.PAGING, PagingSystem.C, PagingSystem.MMAP, PagingSystem.JAVA);
    special(Workload.UPDATE, "update-unflushed", Kind.PLAIN);
    special(Workload.UPDATE, "update-flushed", Kind.FLUSHED);
    special(Workload.SORT, "sort-watched", Kind.WATCHED);
    for (int divisor : DIVISORS) {
      for (PagingSystem system : List.of(PagingSystem.PAGING, PagingSystem.C, PagingSystem.MMAP)) {
        add(
            new PagingCase(
                programs,
                ResultTable.PAGING_BUFFERS,
                "sort-" + divisor + "th",
                system,
                Workload.SORT,
                regionBytes,
                regionBytes / divisor,
                Kind.PLAIN));
      }
    }
    return cases;
  }

  private void add(Workload workload, PagingSystem... systems) {
    for (PagingSystem system : systems) {
      add(of(workload.key(), system, workload, Kind.PLAIN));
    }
  }

  private void special(Workload workload, String key, Kind kind) {
    add(of(key, PagingSystem.PAGING, workload, kind));
  }

  private PagingCase of(String key, PagingSystem system, Workload workload, Kind kind) {
    return new PagingCase(
        programs,
        ResultTable.PAGING,
        key,
        system,
        workload,
        regionBytes,
        regionBytes / BUFFER_DIVISOR,
        kind);
  }

  private void add(BenchCase each) {
    if (each.isReference() != ours) {
      cases.add(each);
    }
  }
}
