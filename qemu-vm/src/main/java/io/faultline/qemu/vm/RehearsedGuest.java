package io.faultline.qemu.vm;

import io.faultline.dest.IncomingVm;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;

/**
 * Lets the VM of a rehearsal be paused, moved and started as a guest of QEMU is, by the same code:
 * its state passes through two QEMUs that are made up. So the JVM has loaded and compiled what a
 * guest waits for before it is paused.
 *
 * <p>For one migration after the other. Not thread-safe, except that both ends may be used at the
 * same time, as a source and a destination do.
 */
public final class RehearsedGuest implements AutoCloseable {
  private final RehearsedMonitor source;
  private final RehearsedMonitor destination;
  private final PidFd self;
  private final GuestDeparture departure;
  private final GuestArrival arrival;

  private RehearsedGuest(RehearsedMonitor source, RehearsedMonitor destination, PidFd self) {
    this.source = source;
    this.destination = destination;
    this.self = self;
    departure = new GuestDeparture(source.connection());
    arrival = new GuestArrival(self, destination.connection(), line -> {});
  }

  /**
   * Starts both QEMUs, which are threads.
   *
   * @throws IOException if they do not answer
   */
  public static RehearsedGuest open() throws IOException, InterruptedException {
    PidFd self = PidFd.open((int) ProcessHandle.current().pid());
    if (self == null) {
      throw new IOException("this process is not in its own /proc");
    }
    try {
      RehearsedMonitor source = RehearsedMonitor.open();
      try {
        return new RehearsedGuest(source, RehearsedMonitor.open(), self);
      } catch (IOException | InterruptedException | RuntimeException e) {
        source.close();
        throw e;
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      self.close();
      throw e;
    }
  }

  /** The VM as it leaves. Its state comes last of what moves. */
  public OutgoingVm leaving(OutgoingVm vm) {
    return new RehearsedDeparture(vm, departure);
  }

  /**
   * The VM as it arrives.
   *
   * @param polled whether the control loop polls QEMU's monitor, for which it needs epoll; else
   *     another thread waits
   */
  public IncomingVm arriving(IncomingVm vm, boolean polled) {
    return new RehearsedArrival(vm, arrival, polled);
  }

  GuestDeparture departure() {
    return departure;
  }

  GuestArrival arrival() {
    return arrival;
  }

  @Override
  public void close() {
    departure.close();
    arrival.close();
    source.close();
    destination.close();
    self.close();
  }
}
