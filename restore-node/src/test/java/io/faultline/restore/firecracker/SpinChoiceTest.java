package io.faultline.restore.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpinChoiceTest {
  @Test
  void successKeepsItWorthwhile() {
    SpinChoice choice = new SpinChoice();
    for (int i = 0; i < 1000; i++) {
      assertThat(choice.isWorthwhile()).isTrue();
      choice.ended(i % 2 == 0);
    }
  }

  @Test
  void failuresMakeItRareUntilItSucceedsAgain() {
    SpinChoice choice = new SpinChoice();
    int spins = 0;
    for (int i = 0; i < 10_000; i++) {
      if (choice.isWorthwhile()) {
        spins++;
        choice.ended(false);
      }
    }
    assertThat(spins).isBetween(4, 100);
    while (!choice.isWorthwhile()) {
      spins++;
    }
    choice.ended(true);
    assertThat(choice.isWorthwhile()).isTrue();
  }
}
