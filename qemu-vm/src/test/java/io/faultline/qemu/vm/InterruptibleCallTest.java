package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class InterruptibleCallTest {
  private final InterruptibleCall call = new InterruptibleCall();

  @Test
  void closeInterruptsTheThreadThatWaitsAndReturnsAfterItsEnd() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread other =
        Thread.ofPlatform()
            .start(
                () -> {
                  call.begin();
                  try {
                    waits.countDown();
                    Thread.sleep(60_000);
                  } catch (InterruptedException e) {
                    interrupted.set(true);
                  } finally {
                    call.end();
                  }
                });
    waits.await();
    call.close();
    assertThat(interrupted).isTrue();
    other.join();
    assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(call::begin);
  }

  @Test
  void onlyOneThreadWaitsAtATime() {
    call.begin();
    assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(call::begin);
    call.end();
    call.begin();
    call.end();
    call.close();
  }
}
