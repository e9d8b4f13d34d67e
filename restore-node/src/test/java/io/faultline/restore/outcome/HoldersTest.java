package io.faultline.restore.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors stay open from the moment when they arrive, whatever has happened by then. */
@Timeout(120)
class HoldersTest {
  @TempDir private Path directory;

  /** What the loop has to do later. */
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  private final List<Integer> pids = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // set before each test
  private StateDirectory state;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Holders holders;

  @SuppressWarnings("NullAway.Init") // set before each test
  private DescriptorListener listener;

  @BeforeEach
  void start() throws IOException {
    state = StateDirectory.create(directory);
    holders = new Holders(state, tasks::add);
    listener = DescriptorListener.listen(directory.resolve("socket"), 4);
  }

  @AfterEach
  void end() {
    holders.close();
    listener.close();
  }

  /** A connection whose one end is held: the other one sees when nobody has it any more. */
  private final class Held {
    final DescriptorConnection seen = DescriptorConnection.connect(directory.resolve("socket"));
    final DescriptorConnection held = accept();

    private DescriptorConnection accept() {
      DescriptorConnection accepted = listener.accept();
      assertThat(accepted).isNotNull();
      return accepted;
    }

    /** As the end of this process would. */
    void closeHere() {
      held.close();
    }

    boolean isOpen() {
      try (Arena arena = Arena.ofConfined()) {
        return seen.read(arena.allocate(1).address(), 1) == DescriptorConnection.WOULD_BLOCK;
      }
    }
  }

  private int runningHolders() throws IOException {
    List<PidFd> running = state.holders();
    running.forEach(PidFd::close);
    return running.size();
  }

  @Test
  void descriptorIsHeldBeforeItsHolderStarts() throws IOException {
    Held child = new Held();
    holders.holdSoon("child", child.held.fd(), holder -> pids.add(holder.pid()));
    assertThat(runningHolders()).as("only the queue's").isEqualTo(1);
    child.closeHere();
    assertThat(child.isOpen()).isTrue();
    holders.release("child");
    assertThat(child.isOpen()).isFalse();
    tasks.remove().run();
    assertThat(pids).as("released before it was due").isEmpty();
  }

  @Test
  void holderTakesThePlaceOfTheQueue() throws IOException {
    Held first = new Held();
    Held second = new Held();
    holders.holdSoon("first", first.held.fd(), holder -> pids.add(holder.pid()));
    holders.holdSoon("second", second.held.fd(), holder -> pids.add(holder.pid()));
    tasks.remove().run();
    tasks.remove().run();
    assertThat(runningHolders()).isEqualTo(3);
    assertThat(pids).hasSize(2);
    first.closeHere();
    second.closeHere();
    assertThat(first.isOpen()).isTrue();
    holders.release("first");
    assertThat(first.isOpen()).as("the queue was cleared").isFalse();
    assertThat(second.isOpen()).isTrue();
    holders.release("second");
    assertThat(second.isOpen()).isFalse();
  }

  @Test
  void holderThatIsNeededNowDoesNotWait() throws IOException {
    Held child = new Held();
    holders.holdSoon("child", child.held.fd(), holder -> pids.add(holder.pid()));
    holders.holdNow("child");
    assertThat(pids).hasSize(1);
    tasks.remove().run();
    assertThat(pids).as("not twice").hasSize(1);
    assertThat(runningHolders()).isEqualTo(2);
  }
}
