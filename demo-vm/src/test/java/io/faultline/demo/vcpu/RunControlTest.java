package io.faultline.demo.vcpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RunControlTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final RunControl control = new RunControl();
  private final List<Thread> threads = new ArrayList<>();

  /** Counts operations until it is interrupted. */
  private static final class CountingVcpu implements ControlledVcpu, Runnable {
    private final RunControl control;
    private volatile long operations;
    private volatile boolean interrupted = true; // so that it starts with a checkpoint
    private volatile boolean asleep;
    private volatile boolean atTarget;
    private volatile boolean exitPending;
    private volatile int completedExits;

    CountingVcpu(RunControl control) {
      this.control = control;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void run() {
      try {
        while (true) {
          if (interrupted) {
            switch (control.checkpoint(this)) {
              case RUN -> {}
              case COMPLETE_EXIT -> {
                exitPending = false;
                completedExits++;
              }
              case END -> {
                return;
              }
            }
          }
          while (!interrupted) {
            operations++;
          }
        }
      } finally {
        control.ended(this);
      }
    }

    @Override
    public void interrupt() {
      interrupted = true;
    }

    @Override
    public void clearInterrupt() {
      interrupted = false;
    }

    @Override
    public boolean hasPendingExit() {
      return exitPending;
    }

    @Override
    public boolean isAtTarget() {
      return atTarget;
    }

    @Override
    public boolean isInUninterruptibleSleep() {
      return asleep;
    }

    @Override
    public String toString() {
      return "vCPU 7";
    }
  }

  @AfterEach
  void stopVcpus() throws Exception {
    control.stop(LONG);
    for (Thread thread : threads) {
      assertThat(thread.join(LONG)).as("ended").isTrue();
    }
  }

  private CountingVcpu start() {
    CountingVcpu vcpu = new CountingVcpu(control);
    threads.add(Thread.ofPlatform().start(vcpu));
    awaitProgress(vcpu);
    return vcpu;
  }

  private static void awaitProgress(CountingVcpu vcpu) {
    long before = vcpu.operations;
    await().atMost(LONG).until(() -> vcpu.operations > before);
  }

  private static void assertStandsStill(CountingVcpu vcpu) throws InterruptedException {
    long before = vcpu.operations;
    Thread.sleep(5);
    assertThat(vcpu.operations).isEqualTo(before);
  }

  @Test
  void noVcpuExecutesBetweenPauseAndResume() throws Exception {
    CountingVcpu one = start();
    CountingVcpu two = start();
    for (int i = 0; i < 100; i++) {
      control.pause(LONG);
      assertThat(control.isAllParked()).isTrue();
      if (i == 0) {
        assertStandsStill(one);
        assertStandsStill(two);
      }
      control.resume();
    }
    awaitProgress(one);
    awaitProgress(two);
  }

  @Test
  void pauseNamesTheVcpuThatDoesNotParkAndLetsTheOthersContinue() {
    CountingVcpu stuck = new CountingVcpu(control);
    control.add(stuck); // no thread runs it
    CountingVcpu other = start();
    assertThatThrownBy(() -> control.pause(SHORT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("vCPU 7 did not stop within PT0.02S");
    awaitProgress(other);
    control.ended(stuck);
  }

  @Test
  void rendezvousPassesEachVcpuThroughItsCheckpointAndLetsItContinue() {
    CountingVcpu vcpu = start();
    for (int i = 0; i < 100; i++) {
      control.rendezvous(LONG);
    }
    awaitProgress(vcpu);
  }

  @Test
  void rendezvousLeavesAPausedVmPaused() throws Exception {
    CountingVcpu vcpu = start();
    control.pause(LONG);
    control.rendezvous(LONG);
    assertThat(control.isAllParked()).isTrue();
    assertStandsStill(vcpu);
  }

  @Test
  void rendezvousThatTimesOutNamesTheVcpuAndLeavesTheVmRunning() {
    CountingVcpu stuck = new CountingVcpu(control);
    control.add(stuck);
    assertThatThrownBy(() -> control.rendezvous(SHORT)).hasMessageContaining("vCPU 7");
    control.ended(stuck);
    awaitProgress(start());
  }

  @Test
  void vcpuAddedToAPausedVmIsInterruptedAndParks() {
    control.pause(LONG);
    CountingVcpu vcpu = new CountingVcpu(control);
    vcpu.clearInterrupt();
    control.add(vcpu);
    threads.add(Thread.ofPlatform().start(vcpu));
    await().atMost(LONG).until(control::isAllParked);
    assertThat(vcpu.operations).isZero();
    control.resume();
    awaitProgress(vcpu);
  }

  @Test
  void vcpuWithAPendingExitCompletesItBeforeItParks() {
    CountingVcpu vcpu = start();
    vcpu.exitPending = true;
    control.pause(LONG);
    assertThat(vcpu.completedExits).isEqualTo(1);
    assertThat(vcpu.exitPending).isFalse();
  }

  @Test
  void vcpuAtItsTargetParksUntilTheTargetIsRaisedWhilePaused() {
    CountingVcpu vcpu = start();
    vcpu.atTarget = true;
    vcpu.interrupt();
    await().atMost(LONG).until(control::isAllParked);
    AtomicInteger raised = new AtomicInteger();
    control.resume(raised::incrementAndGet);
    assertThat(raised).as("done although the VM is not paused").hasValue(0);
    control.pause(LONG);
    control.resume(
        () -> {
          raised.incrementAndGet();
          vcpu.atTarget = false;
        });
    assertThat(raised).hasValue(1);
    awaitProgress(vcpu);
  }

  @Test
  void parkedStateIsReadOnlyWhileNoVcpuExecutes() {
    CountingVcpu vcpu = start();
    assertThat(control.whileParked(() -> vcpu.operations)).isEmpty();
    control.pause(LONG);
    assertThat(control.whileParked(() -> vcpu.operations)).hasValue(vcpu.operations);
  }

  @Test
  void stopEndsRunningAndParkedVcpus() throws Exception {
    start();
    control.pause(LONG);
    control.stop(LONG);
    assertThat(control.isStopped()).isTrue();
    assertThat(threads.getFirst().join(LONG)).isTrue();
    control.resume();
    assertThat(control.isAllParked()).isTrue();
  }

  @Test
  void stopWaitsForNoVcpuInAnUninterruptibleSleep() {
    CountingVcpu sleeper = new CountingVcpu(control);
    control.add(sleeper);
    assertThatThrownBy(() -> control.stop(SHORT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("vCPU 7 did not end within PT0.02S");
    sleeper.asleep = true;
    control.stop(SHORT);
    control.ended(sleeper);
  }

  @Test
  void awaitChangeReturnsWhenAVcpuParksAndOtherwiseAfterTheTimeout() throws Exception {
    CountingVcpu vcpu = start();
    assertThat(control.awaitChange(control::isAllParked, SHORT)).isFalse();
    vcpu.atTarget = true;
    vcpu.interrupt();
    assertThat(control.awaitChange(control::isAllParked, LONG)).isTrue();
  }
}
