package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.RunPage;
import io.faultline.demo.vcpu.ControlledVcpu;
import io.faultline.demo.vcpu.RunControl;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU. Its thread is in KVM_RUN most of the time; an interrupt kicks it out. Other threads
 * access its state while it is parked or has ended.
 */
final class Vcpu implements ControlledVcpu {
  private static final int PORT_DONE = 0x501;

  private final int number;
  private final KvmVcpu kvm;
  private final GuestClock clock;
  private final GuestConsole console;
  private final RunControl control;

  /**
   * KVM must be entered once more to complete an access to a port. Confined to the vCPU's thread.
   */
  private boolean exitPending;

  private boolean started;

  /** Nothing to do until the target is raised. Changed by its thread, or while it is parked. */
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
      control.ended(this); // it is not kicked from here on
      kvm.releaseThread();
    }
  }

  private void runUntilStopped(Runnable beforeFirst) {
    while (true) {
      switch (control.checkpoint(this)) {
        case RUN -> {
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
        // If the target was raised after the guest compared, the guest compares again.
        atTarget = GuestState.isAtTarget(kvm);
        return;
      }
    }
    throw new IllegalStateException(page.describe() + "; " + kvm.regs());
  }

  /** Whether the state is complete only after {@link KvmVcpu#completeExit}. By its thread. */
  @Override
  public boolean hasPendingExit() {
    return exitPending;
  }

  @Override
  public boolean isAtTarget() {
    return atTarget;
  }

  /** Sets a new target; while parked. */
  void raiseTarget(long operations) {
    GuestState.setTarget(kvm, operations);
    atTarget = false;
  }

  @Override
  public void interrupt() {
    kvm.kick();
  }

  @Override
  public void clearInterrupt() {
    kvm.allowEntry();
  }

  boolean hasEnded() {
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

  /** Why it ended early; null if it did not. Any thread. */
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public String toString() {
    return "vCPU " + number;
  }
}
