package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A relay that makes a link slow, and breaks its connections. Confined to the caller's thread. */
public final class LinkRelay {
  /** The relay's port is that many above the port that it forwards to. */
  private static final int PORT_DISTANCE = 100;

  private static final long POLL_MILLIS = 5;

  private final Host host;
  private final Path work;
  private final int port;
  private final List<String> command;
  private HostCommand running;

  private LinkRelay(Host host, Path work, int port, List<String> command)
      throws IOException, InterruptedException {
    this.host = host;
    this.work = work;
    this.port = port;
    this.command = command;
    running = launch();
  }

  /**
   * Starts it.
   *
   * @param work for the file with its output
   * @param to the port that it forwards to
   */
  static LinkRelay start(Host host, LabPrograms programs, Path work, int to, LinkSpeed speed)
      throws IOException, InterruptedException {
    int port = to + PORT_DISTANCE;
    List<String> command =
        List.of(
            programs.linkRelay().toString(),
            Integer.toString(port),
            "127.0.0.1",
            Integer.toString(to),
            Long.toString(TimeUnit.NANOSECONDS.toMicros(speed.delay().toNanos())),
            Long.toString(speed.bytesPerSecond()));
    return new LinkRelay(host, work, port, command);
  }

  private HostCommand launch() throws IOException, InterruptedException {
    Path output = work.resolve("relay.out");
    Files.deleteIfExists(output);
    HostCommand relay = HostCommand.start(host, "relay", work, command);
    long deadline = System.nanoTime() + SourceHost.LIMIT.toNanos();
    while (!Files.exists(output) || !Files.readString(output).startsWith("READY")) {
      if (!relay.isRunning() || System.nanoTime() > deadline) {
        throw new IOException("the relay does not start: " + relay.output());
      }
      Thread.sleep(POLL_MILLIS);
    }
    return relay;
  }

  /** Where to connect to. */
  public int port() {
    return port;
  }

  /** Ends all connections, with what is on its way, and accepts new ones. */
  public void cut() throws IOException, InterruptedException {
    running.kill();
    running.await(SourceHost.LIMIT);
    running = launch();
  }
}
