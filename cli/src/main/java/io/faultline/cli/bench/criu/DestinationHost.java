package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A host on which the application is restored. Confined to the caller's thread. */
public final class DestinationHost {
  private static final Duration LIMIT = SourceHost.LIMIT;
  private static final String PAGE_SERVER_PORT = "9027";

  private final Host host;
  private final String sourceAddress;
  private final String address;
  private final Path images;
  private final Path work;
  private final LabPrograms programs;
  private final String criu;

  DestinationHost(
      Host host,
      String sourceAddress,
      String address,
      Path directory,
      LabPrograms programs,
      StockPrograms stock)
      throws IOException, LabUnavailableException {
    this.host = host;
    this.sourceAddress = sourceAddress;
    this.address = address;
    this.images = Files.createDirectory(directory.resolve("images"));
    this.work = Files.createDirectory(directory.resolve("work"));
    this.programs = programs;
    this.criu = stock.program("criu").toString();
  }

  /** The host. */
  public Host host() {
    return host;
  }

  /** The kernel's letter for the state of the restored process; empty if there is none. */
  public Optional<Character> state() throws IOException {
    return host.state(SourceHost.PID);
  }

  /** Where the images are. */
  public Path images() {
    return images;
  }

  /** The work directory of CRIU and of the daemon. */
  public Path work() {
    return work;
  }

  /** The address of the source on the link between both. */
  public String sourceAddress() {
    return sourceAddress;
  }

  /** Copies the images of a dump. */
  public void copyImages(SourceHost source) throws IOException {
    try (Stream<Path> files = Files.list(source.images())) {
      for (Path file : files.toList()) {
        Files.copy(file, images.resolve(file.getFileName()));
      }
    }
  }

  /**
   * Starts a page server that receives the pages of a dump; {@link #dumpOptions} are the options of
   * that dump.
   */
  public HostCommand receivePages(DaemonProgram daemon) throws IOException, InterruptedException {
    return launch(daemon, "page-server", pageServerOptions()).awaitReady(LIMIT);
  }

  /** The address of a page server that runs here. */
  public List<String> pageServerOptions() {
    return List.of("--address", address, "--port", PAGE_SERVER_PORT);
  }

  /** Options with which {@code criu dump} sends its pages here. */
  public String[] dumpOptions() {
    return new String[] {"--page-server", "--address", address, "--port", PAGE_SERVER_PORT};
  }

  /**
   * Starts a daemon that takes pages from the source's page server, and waits until it is ready.
   *
   * @param port of the page server
   * @param more options of {@code lazy-pages}
   */
  public HostCommand startDaemon(DaemonProgram daemon, int port, String... more)
      throws IOException, InterruptedException {
    return launchDaemon(daemon, port, more).awaitReady(LIMIT);
  }

  /** The same without waiting. */
  public HostCommand launchDaemon(DaemonProgram daemon, int port, String... more)
      throws IOException {
    List<String> options = new ArrayList<>(List.of("--page-server", "--address", sourceAddress));
    options.addAll(List.of("--port", Integer.toString(port)));
    options.addAll(List.of(more));
    return launchDaemon(daemon, options);
  }

  /** Starts our daemon with pages from the source's page source, and waits until it is ready. */
  public HostCommand startDaemonFrom(DaemonProgram daemon, int port, String... more)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("--from", sourceAddress + ":" + port));
    options.add("--insecure");
    options.addAll(List.of(more));
    return launchDaemon(daemon, options).awaitReady(LIMIT);
  }

  /**
   * Starts a daemon that takes pages from the images here, unless there are other options, and
   * waits until it is ready.
   */
  public HostCommand startLocalDaemon(DaemonProgram daemon, String... more)
      throws IOException, InterruptedException {
    return launchDaemon(daemon, List.of(more)).awaitReady(LIMIT);
  }

  private HostCommand launchDaemon(DaemonProgram daemon, List<String> more) throws IOException {
    return launch(daemon, "lazy-pages", more);
  }

  /** Starts a command of a daemon with the directories of this host, without waiting. */
  public HostCommand launch(DaemonProgram daemon, String verb, List<String> more)
      throws IOException {
    List<String> options = new ArrayList<>(List.of("-D", images.toString()));
    options.addAll(List.of("-W", work.toString()));
    options.addAll(more);
    return HostCommand.start(host, verb, work, daemon.command(verb, options));
  }

  /** Starts {@code criu restore --lazy-pages}. It ends when the application runs. */
  public HostCommand startRestore() throws IOException {
    List<String> command = new ArrayList<>(List.of(criu, "restore", "--lazy-pages", "-d"));
    command.addAll(List.of("-D", images.toString(), "-W", work.toString()));
    command.addAll(List.of("-o", "restore.log", "-v1"));
    return HostCommand.start(host, "restore", work, command);
  }

  /** Restores the application. */
  public void restore() throws IOException, InterruptedException {
    startRestore().awaitSuccess(LIMIT);
  }

  /** Connects to a server of the application. */
  public LineClient client(int port) throws IOException {
    return LineClient.connect(host, programs.lineClient(), port);
  }
}
