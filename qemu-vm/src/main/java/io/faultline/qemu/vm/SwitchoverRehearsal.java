package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.IncomingVm.Loading;
import io.faultline.dest.IncomingVmException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs what a guest of QEMU waits for while it is paused, before it is paused: so that the JVM has
 * loaded and compiled that code. Cold, it takes some milliseconds.
 */
public final class SwitchoverRehearsal {
  /** A method is compiled after 200 calls, and most are called several times in each. */
  private static final int ROUNDS = 100;

  private static final Duration LIMIT = Duration.ofMillis(500);

  private SwitchoverRehearsal() {}

  /**
   * Rehearses for about half a second at most. A failure is no reason not to migrate.
   *
   * @param log gets a line if the rehearsal fails
   */
  public static void tryRun(Consumer<String> log) throws InterruptedException {
    try {
      run();
    } catch (IOException | IncomingVmException e) {
      log.accept("continuing without a rehearsal of the switchover: " + e.getMessage());
    }
  }

  static void run() throws IOException, InterruptedException, IncomingVmException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (RehearsedGuest guest = RehearsedGuest.open()) {
      for (int round = 0; round < ROUNDS && deadline - System.nanoTime() > 0; round++) {
        move(guest.departure(), guest.arrival(), round % 2 == 0);
      }
    }
  }

  /**
   * @param polled whether the end of the load is polled for, instead of waited
   */
  private static void move(GuestDeparture departure, GuestArrival arrival, boolean polled)
      throws IOException, InterruptedException, IncomingVmException {
    List<ByteString> parts = new ArrayList<>();
    departure.passStateTo(parts::add);
    long _ = departure.stop();
    ByteString state = departure.take(departure.hasStoppedGuest());
    departure.close();
    arrival.open();
    for (ByteString part : parts) {
      arrival.loadPart(part);
    }
    ByteString end = state.substring(state.size() - GuestState.END_BYTES);
    Loading loading = polled ? arrival.begin(end) : null;
    if (loading == null) {
      arrival.load(end);
    } else {
      awaitLoaded(loading);
    }
    CountDownLatch started = new CountDownLatch(1);
    arrival.start(nanoTime -> started.countDown());
    if (!started.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("the rehearsed QEMU does not start its guest");
    }
  }

  private static void awaitLoaded(Loading loading)
      throws IOException, InterruptedException, IncomingVmException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!loading.isDone()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the rehearsed QEMU does not load its state");
      }
      Thread.sleep(1);
    }
  }
}
