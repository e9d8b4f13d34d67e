package io.faultline.cli.bench;

import io.faultline.cli.bench.cases.CaseCatalog;
import io.faultline.cli.bench.cases.CriuCases;
import io.faultline.cli.bench.cases.PagingCases;
import io.faultline.cli.bench.cases.RestoreCases;
import io.faultline.cli.bench.cases.SnapshotCases;
import io.faultline.cli.bench.cases.UffdHandlerCases;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.umap.UmapCases;
import io.faultline.cli.options.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The cases that {@code --only} and {@code --quick} select. */
final class CaseSelection {
  private final Set<String> names;

  /** Reference cases that were named, and their counterparts. */
  private final Set<String> rows;

  private final boolean quick;
  private final boolean qemu;
  private final boolean umap;

  private CaseSelection(
      Set<String> names, Set<String> rows, boolean quick, boolean qemu, boolean umap) {
    this.names = names;
    this.rows = rows;
    this.quick = quick;
    this.qemu = qemu;
    this.umap = umap;
  }

  /**
   * Validates the names.
   *
   * @param names names of cases and tables; empty for the default, which is all but those of CRIU,
   *     of pagers, of snapshots and of QEMU
   * @param quick whether the default is a few cases instead of all
   * @param qemu whether guests of QEMU belong to the default
   * @param umap whether umap is there: then the default is the comparison with it alone, with files
   *     of one size
   * @param cases every case that has a name on the command line: all of this project, and those of
   *     umap
   * @throws UsageException if a name is neither a case nor a table
   */
  static CaseSelection of(
      List<String> names, boolean quick, boolean qemu, boolean umap, List<BenchCase> cases) {
    Set<String> known = new TreeSet<>();
    cases.forEach(each -> known.add(each.name()));
    Set<String> rows = new TreeSet<>();
    for (BenchCase each : cases) {
      if (each.isReference() && names.contains(each.name())) {
        rows.addAll(List.of(each.name(), each.counterpart()));
      }
    }
    Arrays.stream(ResultTable.values()).forEach(table -> known.add(table.key()));
    for (String name : names) {
      if (!known.contains(name)) {
        throw new UsageException(
            "--only: no case or table '" + name + "'; use " + String.join(", ", known));
      }
    }
    if (!umap) {
      requireNone(names);
    }
    return new CaseSelection(Set.copyOf(names), rows, quick, qemu, umap);
  }

  private static void requireNone(List<String> names) {
    for (ResultTable table : ResultTable.values()) {
      if (UmapCases.isOf(table) && names.contains(table.key())) {
        throw new UsageException("--only " + table.key() + " needs --umap DIR, a build of umap");
      }
    }
  }

  /** The selected ones of these cases; a reference case is selected along with its counterpart. */
  List<BenchCase> from(List<BenchCase> cases) {
    return cases.stream().filter(this::has).toList();
  }

  private boolean has(BenchCase each) {
    if (names.isEmpty() && umap) {
      return UmapCases.isShort(each);
    }
    if (names.isEmpty()) {
      boolean hasProgram = qemu || each.table() != ResultTable.QEMU_GUESTS;
      boolean isOptional =
          CriuCases.isOf(each)
              || PagingCases.isOf(each)
              || SnapshotCases.isOf(each)
              || RestoreCases.isOf(each)
              || UffdHandlerCases.isOf(each);
      return quick ? CaseCatalog.isQuick(each) : !isOptional && hasProgram;
    }
    return names.contains(each.counterpart())
        || names.contains(each.table().key())
        || rows.contains(each.name());
  }
}
