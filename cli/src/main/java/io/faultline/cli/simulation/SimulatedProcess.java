package io.faultline.cli.simulation;

import java.util.ArrayList;
import java.util.List;

/** A process on a machine of its own: it runs, is stopped for a while, or is gone. */
final class SimulatedProcess {
  private final String name;
  private final World world;
  private final List<Socket> sockets = new ArrayList<>();
  private boolean alive = true;
  private long stoppedUntilNanos;

  SimulatedProcess(String name, World world) {
    this.name = name;
    this.world = world;
  }

  String name() {
    return name;
  }

  World world() {
    return world;
  }

  boolean isAlive() {
    return alive;
  }

  /** How long it still is stopped; 0 where it runs. */
  long stoppedForNanos() {
    return Math.max(0, stoppedUntilNanos - world.nowNanos());
  }

  /** Stops it, as SIGSTOP does, and lets it go on later. */
  void stop(long nanos) {
    stoppedUntilNanos = world.nowNanos() + nanos;
    world.tell(name, () -> "is stopped for " + nanos / 1_000_000 + " ms");
  }

  void opened(Socket socket) {
    sockets.add(socket);
  }

  void closed(Socket socket) {
    sockets.remove(socket);
  }

  List<Socket> sockets() {
    return List.copyOf(sockets);
  }

  /**
   * Ends it, whatever it is at.
   *
   * @param machine whether its machine goes with it, so that nobody tells its peers
   */
  void kill(boolean machine) {
    alive = false;
    world.tell(name, () -> machine ? "its machine loses power" : "is killed");
    for (Socket socket : sockets()) {
      socket.processGone(machine);
    }
  }
}
