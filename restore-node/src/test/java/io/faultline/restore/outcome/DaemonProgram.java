package io.faultline.restore.outcome;

import io.faultline.proto.Transport;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.LazyPagesDaemon;
import io.faultline.restore.LazyPagesSettings;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.origin.ImageOrigin;
import io.faultline.uffd.linux.LinuxKernel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/**
 * A daemon in a process of its own, which a test may kill. Prints a line when CRIU may restore, and
 * one with the result. A line of its standard input cancels the session.
 */
final class DaemonProgram {
  private DaemonProgram() {}

  /** Starts it. */
  static Process start(Path directory, OnFailure onFailure, long firstAddress, long pages)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(DaemonProgram.class.getName(), directory.toString()));
    command.addAll(List.of(onFailure.name(), Long.toString(firstAddress), Long.toString(pages)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String ready = process.inputReader().readLine();
    if (!"ready".equals(ready)) {
      throw new AssertionError("the daemon said " + ready);
    }
    return process;
  }

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    OnFailure onFailure = OnFailure.valueOf(args[1]);
    long firstAddress = Long.parseLong(args[2]);
    long pages = Long.parseLong(args[3]);
    try (Transport transport = new Transport()) {
      ImageTasks tasks = new ImageTasks(directory);
      LazyPagesDaemon daemon =
          LazyPagesDaemon.listen(
              transport,
              directory,
              tasks,
              loop ->
                  new StallingOrigin(
                      new ImageOrigin(tasks::image, new LinuxKernel()), loop, firstAddress, pages),
              loop ->
                  new OutcomeContext(loop, transport, directory, System.err::println)
                      .create(onFailure),
              LazyPagesSettings.DEFAULT,
              state -> {});
      System.out.println("ready");
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                if (new Scanner(System.in, StandardCharsets.UTF_8).hasNextLine()) {
                  daemon.cancel("told to");
                }
              });
      RestoreReport report = daemon.result().join();
      System.out.println(report.state() + " " + report.error());
    }
  }
}
