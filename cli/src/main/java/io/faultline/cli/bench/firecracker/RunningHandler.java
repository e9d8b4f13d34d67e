package io.faultline.cli.bench.firecracker;

import io.faultline.cli.bench.criu.OwnProgram;
import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A handler that serves the memory file, on its CPU. Confined to one thread. */
final class RunningHandler implements AutoCloseable {
  private static final String MAIN = "io.faultline.cli.Main";
  private static final String VM_THREAD = "faultline-vm";
  private static final long START_SECONDS = 60;
  private static final long POLL_MILLIS = 20;
  private static final int TICKS_PER_SECOND = 100;
  private static final double NANOS_PER_MILLI = 1e6;

  /** As the launcher starts it. */
  private static final List<String> JVM_OPTIONS =
      List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private final HandlerPrograms programs;
  private final CpuPair cpus = CpuPair.find();
  private final Path socket;
  private final Path output;
  private final Process process;

  private RunningHandler(HandlerPrograms programs, boolean isPeer)
      throws IOException, InterruptedException, CannotRunException {
    this.programs = programs;
    Path directory = programs.directory();
    socket = directory.resolve("socket");
    output = directory.resolve("handler.out");
    Files.deleteIfExists(socket);
    List<String> command = new ArrayList<>(CpuPair.pinned(cpus.handler()));
    if (isPeer) {
      command.add(directory.resolve("handler-floor").toString());
      command.addAll(List.of(socket.toString(), programs.memory().toString()));
    } else {
      command.addAll(OwnProgram.command(MAIN, JVM_OPTIONS));
      command.addAll(List.of("uffd-handler", "--no-background", "--socket=" + socket));
      command.add("--memory=" + programs.memory());
    }
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param isPeer whether it is the one in C
   */
  static RunningHandler start(HandlerPrograms programs, boolean isPeer)
      throws IOException, InterruptedException, CannotRunException {
    RunningHandler handler = new RunningHandler(programs, isPeer);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(handler.socket)) {
      if (!handler.process.isAlive() || System.nanoTime() > end) {
        handler.close();
        throw new IOException("the handler does not listen: " + Files.readString(handler.output));
      }
      Thread.sleep(POLL_MILLIS);
    }
    return handler;
  }

  /**
   * The command of a VM.
   *
   * @param isPinned whether it gets the other CPU; else it may use all
   */
  List<String> vm(String work, int threads, int seconds, long seed, boolean isPinned)
      throws IOException, InterruptedException, CannotRunException {
    List<String> command = new ArrayList<>();
    if (isPinned) {
      command.addAll(CpuPair.pinned(cpus.vm()));
    }
    command.add(programs.directory().resolve("microvm").toString());
    command.addAll(List.of(socket.toString(), programs.memory().toString()));
    command.addAll(List.of("anonymous", "current", work));
    command.addAll(List.of("" + threads, "" + seconds, "" + seed));
    return command;
  }

  /** The CPU time that it has used, in seconds. */
  double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]); // utime, stime
    return (double) ticks / TICKS_PER_SECOND;
  }

  /** The CPU time of the threads of VMs, in milliseconds. */
  double vmThreadMillis() throws IOException {
    double millis = 0;
    try (var threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        if (Files.readString(thread.resolve("comm")).startsWith(VM_THREAD)) {
          String[] fields = Files.readString(thread.resolve("schedstat")).split(" ", -1);
          millis += Long.parseLong(fields[0]) / NANOS_PER_MILLI;
        }
      }
    }
    return millis;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    var _ = process.onExit().join(); // after SIGKILL
  }
}
