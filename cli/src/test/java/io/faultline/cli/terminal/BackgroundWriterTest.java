package io.faultline.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackgroundWriterTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<Integer> written = new CopyOnWriteArrayList<>();
  private final List<Long> notices = new CopyOnWriteArrayList<>();
  private final BackgroundWriter writer = new BackgroundWriter("test", notices::add);

  @Test
  void nothingIsWaitedForIfNothingIsWritten() {
    assertThat(writer.awaitWritten(Duration.ZERO)).isTrue();
  }

  @Test
  void everythingIsWrittenInOrder() {
    int lines = BackgroundWriter.CAPACITY;
    IntStream.range(0, lines).forEach(line -> writer.offer(() -> written.add(line)));
    assertThat(writer.awaitWritten(LIMIT)).isTrue();
    assertThat(written).isEqualTo(IntStream.range(0, lines).boxed().toList());
    assertThat(notices).isEmpty();
  }

  @Test
  void writesAreDroppedAndCountedWhileTheReaderDoesNotRead() throws InterruptedException {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch reads = new CountDownLatch(1);
    writer.offer(
        () -> {
          blocked.countDown();
          awaitUninterruptibly(reads);
        });
    blocked.await();
    int tooMany = 7;
    for (int line = 0; line < BackgroundWriter.CAPACITY + tooMany; line++) {
      int number = line;
      writer.offer(() -> written.add(number)); // returns, although nothing is written
    }
    assertThat(writer.awaitWritten(Duration.ofMillis(1))).isFalse();
    assertThat(written).isEmpty();

    reads.countDown();
    assertThat(writer.awaitWritten(LIMIT)).isTrue();
    assertThat(written).hasSize(BackgroundWriter.CAPACITY);
    writer.offer(() -> written.add(-1));
    assertThat(writer.awaitWritten(LIMIT)).isTrue();
    assertThat(notices).containsExactly((long) tooMany);
    assertThat(written.getLast()).isEqualTo(-1);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
