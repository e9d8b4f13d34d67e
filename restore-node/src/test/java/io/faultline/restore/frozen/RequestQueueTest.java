package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RequestQueueTest {
  private final RequestQueue queue = new RequestQueue();

  @Test
  void requestsAreTakenInOrderAndInPieces() {
    queue.add(1, 100, 3);
    queue.add(2, 200, 1);
    queue.take(2);
    assertThat(queue.region()).isOne();
    assertThat(queue.page()).isEqualTo(102);
    assertThat(queue.count()).isOne();
    queue.take(1);
    assertThat(queue.region()).isEqualTo(2);
    assertThat(queue.page()).isEqualTo(200);
    queue.take(1);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aFullQueueRefusesMoreUntilHalfOfItIsAnswered() {
    for (int i = 0; i < RequestQueue.CAPACITY; i++) {
      assertThat(queue.isFull()).isFalse();
      queue.add(0, i, 1);
    }
    assertThat(queue.isFull()).isTrue();
    assertThatThrownBy(() -> queue.add(0, 0, 1)).isInstanceOf(IllegalStateException.class);
    for (int i = 0; i < RequestQueue.CAPACITY / 2; i++) {
      assertThat(queue.hasRoom()).isFalse();
      queue.take(1);
    }
    assertThat(queue.hasRoom()).isTrue();
    assertThat(queue.page()).isEqualTo(RequestQueue.CAPACITY / 2);
  }

  @Test
  void theOrderStaysAcrossTheEndOfTheArrays() {
    int next = 0;
    int expected = 0;
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < RequestQueue.CAPACITY - 1; i++) {
        queue.add(0, next++, 1);
      }
      while (!queue.isEmpty()) {
        assertThat(queue.page()).isEqualTo(expected++);
        queue.take(1);
      }
    }
    assertThat(expected).isEqualTo(next);
  }

  @Test
  void nothingIsLeftAfterClear() {
    queue.add(1, 100, 3);
    queue.clear();
    assertThat(queue.isEmpty()).isTrue();
    queue.add(2, 7, 1);
    assertThat(queue.region()).isEqualTo(2);
    assertThat(queue.page()).isEqualTo(7);
  }
}
