package io.faultline.cli.simulation.runtime;

import java.util.ArrayList;
import java.util.List;

/** A process on its own host: running, stopped (SIGSTOP) for a while or for ever, or gone. */
public final class SimulatedProcess {
  /** Longer than any run. */
  private static final long FOREVER_NANOS = 1L << 50;

  /** A socket that the process has open. */
  public interface OpenSocket {
    /**
     * The process has ended: its kernel closes the socket.
     *
     * @param powerLoss whether the kernel is gone too, so that the peer receives nothing
     */
    void processEnded(boolean powerLoss);

    /** Closes the channel over the socket, so that it releases its buffers. */
    void closeChannel();
  }

  private final String name;
  private final Simulator simulator;
  private final List<OpenSocket> sockets = new ArrayList<>();
  private boolean alive = true;
  private boolean hung;
  private long stoppedUntilNanos;

  public SimulatedProcess(String name, Simulator simulator) {
    this.name = name;
    this.simulator = simulator;
  }

  public String name() {
    return name;
  }

  public Simulator simulator() {
    return simulator;
  }

  public boolean isAlive() {
    return alive;
  }

  /** Whether it runs, now or after it was stopped. */
  public boolean isWorking() {
    return alive && !hung;
  }

  /** For how long it remains stopped; 0 if it is running. */
  public long stoppedForNanos() {
    return Math.max(0, stoppedUntilNanos - simulator.nowNanos());
  }

  /** Stops it like SIGSTOP; it continues after the given time. */
  public void stop(long nanos) {
    stoppedUntilNanos = Math.max(stoppedUntilNanos, simulator.nowNanos() + nanos);
    simulator.trace(name, () -> "is stopped for " + nanos / 1_000_000 + " ms");
  }

  /** Stops it for ever; its kernel continues to acknowledge what its peers send. */
  public void hang() {
    hung = true;
    stoppedUntilNanos = simulator.nowNanos() + FOREVER_NANOS;
    simulator.trace(name, () -> "hangs for ever");
  }

  public void opened(OpenSocket socket) {
    sockets.add(socket);
  }

  public void closed(OpenSocket socket) {
    sockets.remove(socket);
  }

  public List<OpenSocket> sockets() {
    return List.copyOf(sockets);
  }

  /**
   * Kills it.
   *
   * @param powerLoss whether its host loses power, so that its peers receive no FIN or reset
   */
  public void kill(boolean powerLoss) {
    alive = false;
    simulator.trace(name, () -> powerLoss ? "its host loses power" : "is killed");
    for (OpenSocket socket : sockets()) {
      socket.processEnded(powerLoss);
    }
  }
}
