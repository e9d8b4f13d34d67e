package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.result.ResultTable;

/** Remote faults while the destination records each of them for {@code --report}, and without. */
final class RecordingCases {
  private RecordingCases() {}

  /** Adds the cases. */
  static void add(CaseList list) {
    ResultTable table = ResultTable.RECORDING;
    list.add(FaultAndBulkCases.idle(list, table, "report-off", "idle link"));
    list.add(FaultAndBulkCases.idle(list, table, "report-on", "idle link, recorded").withReport());
    list.add(
        FaultAndBulkCases.underBulk(list, table, "report-off-bulk", "under bulk").withWarmMemory());
    list.add(
        FaultAndBulkCases.underBulk(list, table, "report-on-bulk", "under bulk, recorded")
            .withWarmMemory()
            .withReport());
  }
}
