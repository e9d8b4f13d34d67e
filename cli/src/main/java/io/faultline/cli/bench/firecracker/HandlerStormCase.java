package io.faultline.cli.bench.firecracker;

import io.faultline.cli.bench.measure.ProgramRunner;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Four threads read, write and give memory back for a minute (five seconds with {@code --quick});
 * each byte is compared, so a page that is stale fails, and a fault that is lost never ends. Then a
 * VM does nothing for a while: so must the handler.
 */
public record HandlerStormCase(HandlerPrograms programs) implements BenchCase {
  private static final int SECONDS = 60;
  private static final int QUICK_SECONDS = 5;
  private static final int THREADS = 4;
  private static final long IDLE_MILLIS = 2000;

  @Override
  public String name() {
    return "uffd-handler-storm";
  }

  @Override
  public ResultTable table() {
    return ResultTable.UFFD_HANDLER;
  }

  @Override
  public String title() {
    return "Faultline, memory given back beside faults, 4 threads, " + seconds() + " s";
  }

  private int seconds() {
    return programs.quick() ? QUICK_SECONDS : SECONDS;
  }

  @Override
  public String command() {
    return "./faultline uffd-handler --no-background ...; microvm S M anonymous current storm 4 "
        + seconds()
        + " 1";
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    try (RunningHandler handler = RunningHandler.start(programs, false)) {
      long seed = programs.seed() + round;
      String printed = ProgramRunner.run(handler.vm("storm", THREADS, seconds(), seed, false));
      if (!printed.strip().startsWith("right ")) {
        throw new IOException("memory was not right: " + printed);
      }
      double cpu = handler.cpuSeconds();
      return Map.of(Metric.RIGHT, 1.0, Metric.CPU_TIME, cpu, Metric.IDLE_CPU, idle(handler));
    }
  }

  /** Milliseconds of the CPU in each second, while a VM that still needs pages touches none. */
  private static double idle(RunningHandler handler)
      throws IOException, InterruptedException, CannotRunException {
    List<String> command = handler.vm("wait", 1, 0, 1, false);
    Process vm = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (BufferedReader reader = vm.inputReader()) {
      String line = reader.readLine();
      if (line == null || !line.equals("next")) {
        throw new IOException("microvm: " + line);
      }
      double before = handler.vmThreadMillis();
      long start = System.nanoTime();
      Thread.sleep(IDLE_MILLIS);
      double seconds = (System.nanoTime() - start) / 1e9;
      return (handler.vmThreadMillis() - before) / seconds;
    } finally {
      vm.destroyForcibly();
    }
  }
}
