package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The host on which an application runs, is dumped, and is frozen until its memory is elsewhere.
 * Confined to the caller's thread.
 */
public final class SourceHost {
  /** For steps that take less than a second on an idle machine. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  /** Of the application, here and where it is restored. */
  public static final int PID = 5000;

  /** Of CRIU's dump, and of a page server for its images. */
  public static final int PAGE_SERVER_PORT = 9027;

  /** Of our page source. */
  public static final int PAGE_SOURCE_PORT = 9028;

  private static final long POLL_MILLIS = 5;

  private static final String START = "cd /; out=$1; shift; exec \"$@\" </dev/null >\"$out\" 2>&1";

  private final Host host;
  private final Path images;
  private final Path work;
  private final LabPrograms programs;
  private final String criu;

  SourceHost(Host host, Path directory, LabPrograms programs, StockPrograms stock)
      throws IOException, LabUnavailableException {
    this.host = host;
    this.images = Files.createDirectory(directory.resolve("images"));
    this.work = Files.createDirectory(directory.resolve("work"));
    this.programs = programs;
    this.criu = stock.program("criu").toString();
  }

  /** The host. */
  public Host host() {
    return host;
  }

  /** Where the images of the dump are. */
  public Path images() {
    return images;
  }

  /** The kernel's letter for the state of the application; empty if it has ended. */
  public Optional<Character> state() throws IOException {
    return host.state(PID);
  }

  /**
   * Starts an application in a session of its own, and waits until it is ready. Its files are
   * opened in the host's mount namespace, or CRIU would not find them.
   */
  public void start(Application application) throws IOException, InterruptedException {
    Path output = applicationOutput();
    List<String> command = new ArrayList<>(List.of("setsid", "sh", "-c", START, "sh"));
    command.add(output.toString());
    command.addAll(application.command());
    host.chooseNextPid(PID);
    Process process =
        new ProcessBuilder(host.command(command))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!Files.exists(output) || !Files.readString(output).contains(application.readyText())) {
      boolean ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
      if (ended || System.nanoTime() > deadline) {
        String printed = Files.exists(output) ? Files.readString(output) : "";
        throw new IOException(
            "the application does not start: " + printed.strip().replace("\n", " | "));
      }
    }
  }

  /** What the application prints, here and where it is restored. */
  public Path applicationOutput() {
    return work.resolve("application.out");
  }

  /** Connects to a server of the application. */
  public LineClient client(int port) throws IOException {
    return LineClient.connect(host, programs.lineClient(), port);
  }

  /**
   * Dumps the application with all its memory, which ends it.
   *
   * @param more options of {@code criu dump}
   */
  public void dump(String... more) throws IOException, InterruptedException {
    startDump(List.of(more)).awaitSuccess(LIMIT);
  }

  /**
   * Freezes the application and dumps it without its lazy pages, which the dump then serves on
   * {@link #pageServerPort}. Returns when it serves them.
   */
  public HostCommand dumpLazily(String... more) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--lazy-pages", "--address", "0.0.0.0"));
    options.addAll(List.of("--port", Integer.toString(PAGE_SERVER_PORT)));
    options.addAll(List.of("--status-fd", HostCommand.STATUS_FD));
    options.addAll(List.of(more));
    return startDump(options).awaitReady(LIMIT);
  }

  /** Starts {@code criu dump}. */
  public HostCommand startDump(List<String> more) throws IOException {
    List<String> command = new ArrayList<>(List.of(criu, "dump", "-t", Integer.toString(PID)));
    command.addAll(List.of("-D", images.toString(), "-W", work.toString()));
    command.addAll(List.of("-o", "dump.log", "-v1"));
    command.addAll(more);
    return HostCommand.start(host, "dump", work, command);
  }

  /** Serves the memory in the images of a dump, on the port of {@link #pageServerPort}. */
  public HostCommand servePages(DaemonProgram daemon) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--lazy-pages", "--address", "0.0.0.0"));
    options.addAll(List.of("--port", Integer.toString(PAGE_SERVER_PORT)));
    return launch(daemon, "page-server", options).awaitReady(LIMIT);
  }

  /** Starts a command of a daemon with the directories of this host, without waiting. */
  public HostCommand launch(DaemonProgram daemon, String verb, List<String> more)
      throws IOException {
    List<String> options = new ArrayList<>(List.of("-D", images.toString()));
    options.addAll(List.of("-W", work.toString()));
    options.addAll(more);
    return HostCommand.start(host, verb, work, daemon.command(verb, options));
  }

  /**
   * Starts our page source beside the dump, which may come later; its port is that of {@link
   * #PAGE_SOURCE_PORT}.
   *
   * @param more how both authenticate; nothing: they do not
   */
  public HostCommand startPageSource(DaemonProgram daemon, String... more)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--source", "--tree", Integer.toString(PID)));
    options.addAll(List.of("--address", "127.0.0.1", "--port", Integer.toString(PAGE_SERVER_PORT)));
    options.addAll(List.of("--listen", "0.0.0.0:" + PAGE_SOURCE_PORT));
    options.addAll(more.length == 0 ? List.of("--insecure") : List.of(more));
    return HostCommand.start(host, "page-source", work, daemon.command("page-server", options))
        .awaitReady(LIMIT);
  }

  /**
   * The port at which a destination reaches the page server.
   *
   * @param speed of the link to it
   */
  public int pageServerPort(LinkSpeed speed) throws IOException, InterruptedException {
    return speed.isDirect() ? PAGE_SERVER_PORT : relay(speed, PAGE_SERVER_PORT).port();
  }

  /**
   * Starts a relay, whose connections can be cut.
   *
   * @param port where it forwards to: {@link #PAGE_SERVER_PORT} or {@link #PAGE_SOURCE_PORT}
   */
  public LinkRelay relay(LinkSpeed speed, int port) throws IOException, InterruptedException {
    return LinkRelay.start(host, programs, work, port, speed);
  }
}
