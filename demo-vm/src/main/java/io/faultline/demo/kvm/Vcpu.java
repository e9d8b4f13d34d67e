package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.RunPage;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU and the thread that runs it. Its state is looked at by others while it is parked or has
 * ended.
 */
final class Vcpu {
  private static final int PORT_DONE = 0x501;

  private final int number;
  private final KvmVcpu kvm;
  private final GuestClock clock;
  private final GuestConsole console;
  private final RunControl control;

  /** KVM waits to be entered once more, to finish an access to a port. The vCPU's thread. */
  private boolean exitPending;

  private boolean started;

  /** Nothing is left to do until the target is raised; changed while parked, else by its thread. */
  private volatile boolean atTarget;

  private volatile boolean ended;
  private volatile @Nullable Throwable failure;

  Vcpu(int number, KvmVcpu kvm, GuestClock clock, GuestConsole console, RunControl control) {
    this.number = number;
    this.kvm = kvm;
    this.clock = clock;
    this.console = console;
    this.control = control;
  }

  /**
   * The body of its thread.
   *
   * @param beforeFirst called just before the first instruction
   */
  void run(Runnable beforeFirst) {
    try {
      kvm.bindThread();
      runUntilStopped(beforeFirst);
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      ended = true;
      control.ended(this); // nobody kicks it from here on
      kvm.releaseThread();
    }
  }

  private void runUntilStopped(Runnable beforeFirst) {
    while (true) {
      switch (control.next(this)) {
        case ENTER -> {
          if (!started) {
            started = true;
            beforeFirst.run();
          }
          afterRun(kvm.run());
        }
        case COMPLETE_EXIT -> afterRun(kvm.completeExit());
        case END -> {
          return;
        }
      }
    }
  }

  private void afterRun(boolean exited) {
    exitPending = exited;
    if (exited) {
      handleExit(kvm.page());
    }
  }

  private void handleExit(RunPage page) {
    if (page.exitReason() == RunPage.EXIT_IO && page.ioIsOut()) {
      if (page.ioPort() == GuestConsole.PORT) {
        for (int i = 0; i < page.ioBytes(); i++) {
          console.write(page.ioByte(i));
        }
        return;
      }
      if (page.ioPort() == PORT_DONE) {
        // Where the target was raised after the guest compared, it looks again.
        atTarget = GuestState.isAtTarget(kvm);
        return;
      }
    }
    throw new IllegalStateException(page.describe() + "; " + kvm.regs());
  }

  /** Whether the state is complete only after {@link KvmVcpu#completeExit}. By its thread. */
  boolean exitPending() {
    return exitPending;
  }

  boolean atTarget() {
    return atTarget;
  }

  /** While parked: it may go on to another target. */
  void raiseTarget(long operations) {
    GuestState.setTarget(kvm, operations);
    atTarget = false;
  }

  void kick() {
    kvm.kick();
  }

  void allowEntry() {
    kvm.allowEntry();
  }

  boolean ended() {
    return ended;
  }

  int number() {
    return number;
  }

  KvmVcpu kvm() {
    return kvm;
  }

  GuestClock clock() {
    return clock;
  }

  /** What ended it early, if anything did. Any thread. */
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public String toString() {
    return "vCPU " + number;
  }
}
