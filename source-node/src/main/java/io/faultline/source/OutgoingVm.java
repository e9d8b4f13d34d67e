package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an outgoing migration needs of a VM. The migration calls all methods from one thread at a
 * time. None of them may wait for the migration.
 */
public interface OutgoingVm {
  /**
   * The type of the VM, such as {@code simulated}. The destination refuses types that it cannot
   * run.
   */
  String type();

  /**
   * What the destination needs to create the same VM before it gets its device state: the number of
   * vCPUs, the devices. Opaque to the migration.
   */
  ByteString configuration();

  /**
   * Where a later process of the source finds the VM, if the VM does not end with this process;
   * empty if it does. Opaque to the migration, recorded in its journal.
   */
  default ByteString survivor() {
    return ByteString.EMPTY;
  }

  /** All of its memory, in the order of region ids. Must stay mapped until the migration ends. */
  List<MemoryRegion> regions();

  /**
   * The log of pages that the VM writes while it runs. Called once, and only in modes with precopy
   * rounds. The migration starts and closes the log.
   */
  DirtyLog dirtyLog();

  /**
   * Passes parts of the device state on as soon as they are known, in {@link #pause} and {@link
   * #deviceState}. Called before the first of them, or never. A VM need not have parts.
   *
   * @param to gets the next part of what {@link #deviceState} will return, from its first byte on;
   *     called by the thread that calls the VM
   */
  default void passStateTo(Consumer<ByteString> to) {}

  /**
   * Before pages are write-protected while the VM runs, by a snapshot: from its return on until
   * {@link #endProtection} each store of the VM is checked against the page table, and waits in
   * native state. By default it does nothing: the processor checks the stores of vCPUs.
   */
  default void beginProtection() {}

  /** No page will be protected any more until the next {@link #beginProtection}. */
  default void endProtection() {}

  /** Stops all vCPUs and devices. After this returns, guest memory does not change. */
  void pause();

  /**
   * When the VM stopped in the last {@link #pause}, on the clock of {@link System#nanoTime}: the
   * downtime begins then. For a VM that runs on for a part of that call.
   *
   * @param pauseNanos when {@link #pause} was called
   */
  default long stoppedNanos(long pauseNanos) {
    return pauseNanos;
  }

  /** Resumes the VM after {@link #pause}. */
  void resume();

  /**
   * The pages that the vCPUs need before they can do anything, such as their page tables. They are
   * sent right after RUN, without a request. A few pages at most, none by default. Called once,
   * when the migration is created.
   */
  default List<PageRange> neededFirst() {
    return List.of();
  }

  /**
   * The base pages that the VM will probably need soon, by the id of their region: in postcopy they
   * are sent before all others, but after requested ones. Called once, when the migration is
   * created; not changed later.
   *
   * @return by default no page of any region
   */
  default List<PageBitmap> expectedSoon() {
    return List.of();
  }

  /**
   * Whether the VM has ended by itself, such as with the process that runs it. Called regularly
   * until the state of the VM was sent; later the migration needs only its memory.
   */
  default boolean hasEnded() {
    return false;
  }

  /** The state of vCPUs and devices. Called only while the VM is paused. */
  ByteString deviceState();

  /**
   * What {@link #recordedState} will return, where that is known before the pause: it is recorded
   * then, so that the VM does not wait for it. Called before {@link #pause}. If that returns
   * something else in the end, it is recorded again.
   *
   * @return null by default: it takes the state
   */
  default @Nullable ByteString expectedRecord() {
    return null;
  }

  /**
   * What a later process of the source needs of the device state, to be recorded.
   *
   * @param state what {@link #deviceState} returned
   * @return by default all of it
   */
  default ByteString recordedState(ByteString state) {
    return state;
  }
}
