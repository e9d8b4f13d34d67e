package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Handlers that are killed at random instants: no VM waits for ever, or gets a wrong byte. */
class KilledUffdHandlerTest {
  private static final int PAGES = 1024;
  private static final int KILLED = 128 + 9;
  private static final int FEW = 5;
  private static final int MANY = 100;
  private static final int MOST_MILLIS = 400;
  private static final Duration SOON = Duration.ofMinutes(1);

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void vmsOfAKilledHandlerAreRightOrKilled() throws Exception {
    killWithoutHold(FEW);
  }

  @Nightly
  @Test
  void vmsOfAHundredKilledHandlersAreRightOrKilled() throws Exception {
    killWithoutHold(MANY);
  }

  @Test
  void heldVmsAreRightWhereverTheirHandlersAreKilled() throws Exception {
    killHeld(FEW);
  }

  @Nightly
  @Test
  void heldVmsOfAHundredKilledHandlersAreRight() throws Exception {
    killHeld(MANY);
  }

  private void killWithoutHold(int count) throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    SplittableRandom random = new SplittableRandom(vms.seed());
    for (int i = 0; i < count; i++) {
      Node handler = vms.handler(background(random));
      Node vm = storming(vms, random);
      Thread.sleep(random.nextInt(MOST_MILLIS));
      handler.kill();
      handler.await(SOON);
      if (isSeen(handler, vm)) {
        assertRightOrKilled(vm);
      } else {
        vm.end(); // it may wait to be accepted
      }
    }
  }

  private void killHeld(int count) throws Exception {
    Microvms vms = Microvms.prepare(processes, PAGES);
    SplittableRandom random = new SplittableRandom(vms.seed());
    Path held = processes.file("held");
    String hold = "--hold=" + held;
    for (int i = 0; i < count; i++) {
      Node handler = vms.handler(hold, background(random));
      Node vm = storming(vms, random);
      boolean isFirst = true;
      boolean isSeen = false;
      boolean isHeld = true;
      for (int kills = random.nextInt(1, 4); kills > 0 && isHeld; kills--) {
        Thread.sleep(random.nextInt(MOST_MILLIS));
        handler.kill();
        handler.await(SOON);
        isSeen |= isSeen(handler, vm);
        isHeld = !isFirst || isSeen || isHeld(held, vm);
        isFirst = false;
        handler = vms.handler(hold, background(random));
      }
      if (isSeen) {
        assertRight(vm);
      } else if (isHeld) { // killed before the guard knew that it is held, or right
        assertRightOrKilled(vm);
      } else {
        vm.end();
      }
      handler.interrupt();
      handler.awaitSuccess();
    }
  }

  private static String background(SplittableRandom random) {
    return random.nextBoolean() ? "--no-background" : "--no-background=false";
  }

  private static Node storming(Microvms vms, SplittableRandom random) throws IOException {
    String backing = random.nextInt(3) == 0 ? "memfd" : "anonymous";
    return vms.start(backing, "current", "brief", 4, random.nextInt(100, 1500));
  }

  /** Whether a handler has printed that it serves a VM. */
  private static boolean isSeen(Node handler, Node vm) {
    return handler.err().stream().anyMatch(line -> line.contains("VM " + vm.pid() + ":"));
  }

  private static boolean isHeld(Path directory, Node vm) throws IOException {
    try (var all = Files.list(directory)) {
      return all.anyMatch(
          each ->
              each.getFileName().toString().startsWith("vm-" + vm.pid() + "-")
                  && Files.exists(each.resolve("holder")));
    }
  }

  private static void assertRight(Node vm) throws InterruptedException {
    int exit = vm.await(SOON);
    assertThat(exit).as(() -> vm.out() + " " + vm.err()).isZero();
    assertThat(vm.out().getLast()).startsWith("right ");
  }

  private static void assertRightOrKilled(Node vm) throws InterruptedException {
    if (vm.await(SOON) != KILLED) {
      assertRight(vm);
    }
  }
}
