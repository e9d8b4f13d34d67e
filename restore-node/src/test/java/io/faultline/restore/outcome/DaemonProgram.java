package io.faultline.restore.outcome;

import io.faultline.proto.Transport;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.LazyPagesDaemon;
import io.faultline.restore.LazyPagesSettings;
import io.faultline.restore.RestoreEvents;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.origin.ImageOrigin;
import io.faultline.restore.origin.PageOrigin;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.function.Function;

/**
 * A daemon in a process of its own, which a test may kill. Prints a line when CRIU may restore, and
 * one with the result. A line of its standard input cancels the session.
 */
final class DaemonProgram {
  private DaemonProgram() {}

  private static final String TAKE_OVER = "TAKE_OVER";

  /** Starts one for CRIU. */
  static Process start(Path directory, OnFailure onFailure, long firstAddress, long pages)
      throws Exception {
    Process process = launch(directory, onFailure.name(), firstAddress, pages);
    String ready = process.inputReader().readLine();
    if (!"ready".equals(ready)) {
      throw new AssertionError("the daemon said " + ready);
    }
    return process;
  }

  /** Starts one that takes over. */
  static Process takeOver(Path directory, long firstAddress, long pages) throws Exception {
    return launch(directory, TAKE_OVER, firstAddress, pages);
  }

  private static Process launch(Path directory, String mode, long firstAddress, long pages)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(DaemonProgram.class.getName(), directory.toString()));
    command.addAll(List.of(mode, Long.toString(firstAddress), Long.toString(pages)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    long firstAddress = Long.parseLong(args[2]);
    long pages = Long.parseLong(args[3]);
    try (Transport transport = new Transport()) {
      ImageTasks tasks = new ImageTasks(directory);
      Function<IoEventLoop, PageOrigin> origin =
          loop ->
              new StallingOrigin(
                  new ImageOrigin(tasks::image, new LinuxKernel()), loop, firstAddress, pages);
      LazyPagesSettings settings = LazyPagesSettings.DEFAULT;
      LazyPagesDaemon daemon =
          args[1].equals(TAKE_OVER)
              ? LazyPagesDaemon.takeOver(
                  transport,
                  tasks,
                  origin,
                  loop -> context(loop, transport, directory).takeOver(),
                  settings,
                  RestoreEvents.of(state -> {}, System.out::println))
              : LazyPagesDaemon.listen(
                  transport,
                  directory,
                  tasks,
                  origin,
                  loop -> context(loop, transport, directory).create(OnFailure.valueOf(args[1])),
                  settings,
                  RestoreEvents.of(state -> {}, System.out::println));
      System.out.println("ready");
      Thread.ofPlatform().daemon().start(() -> cancelOnInput(daemon));
      RestoreReport report = daemon.result().join();
      System.out.println(report.state() + " " + report.error());
    } catch (IOException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  private static OutcomeContext context(IoEventLoop loop, Transport transport, Path directory) {
    return new OutcomeContext(loop, transport, directory, System.err::println);
  }

  private static void cancelOnInput(LazyPagesDaemon daemon) {
    if (new Scanner(System.in, StandardCharsets.UTF_8).hasNextLine()) {
      daemon.cancel("told to");
    }
  }
}
