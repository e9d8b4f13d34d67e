package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.firecracker.HandlerFaultCase;
import io.faultline.cli.bench.firecracker.HandlerPrograms;
import io.faultline.cli.bench.firecracker.HandlerStormCase;
import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.List;

/** Firecracker's page-fault handler. They run only if they are selected: they need a compiler. */
public final class UffdHandlerCases {
  private UffdHandlerCases() {}

  /** The cases of our handler. */
  static List<BenchCase> ofProject(BenchEnvironment environment) {
    HandlerPrograms programs = new HandlerPrograms(environment);
    return List.of(new HandlerFaultCase(programs, false), new HandlerStormCase(programs));
  }

  /** That of the handler in C. */
  public static List<BenchCase> ofOthers(BenchEnvironment environment) {
    return List.of(new HandlerFaultCase(new HandlerPrograms(environment), true));
  }

  /** Whether a case runs only if it is selected for this. */
  public static boolean isOf(BenchCase each) {
    return each.table() == ResultTable.UFFD_HANDLER;
  }
}
