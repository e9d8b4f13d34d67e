package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.simulated.PinnedPages;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** Further threads of an application of a {@link TwoPageProgram}. */
final class TwoPageActors {
  /** A word of each page that nobody stores to, and what the store has there. */
  private static final int CONSTANT_OFFSET = 2048;

  private static final long CONSTANT = 0x5eed_0f_c0de_1234L;

  private TwoPageActors() {}

  /** A device that reads a page: the kernel holds it meanwhile, so that it cannot be moved. */
  static Consumer<TwoPageProgram> device(int page, int times) {
    return program ->
        program.turns.add(
            "device",
            false,
            () -> {
              for (int i = 0; i < times; i++) {
                try (PinnedPages _ = program.kernel.pin(program.region.address(page), PAGE)) {
                  program.turns.letOthersRun();
                  program.turns.letOthersRun();
                }
                program.turns.letOthersRun();
              }
            });
  }

  /** Flushes one page only. */
  static Consumer<TwoPageProgram> flusher(int page, int times) {
    return program ->
        program.turns.add(
            "flusher of page " + page,
            false,
            () -> {
              for (int i = 0; i < times; i++) {
                program.flush(page, page + 1);
              }
            });
  }

  static Consumer<TwoPageProgram> prefetcher(int times) {
    return program ->
        program.turns.add(
            "prefetcher",
            false,
            () -> {
              for (int i = 0; i < times; i++) {
                program.paged.prefetch(0, TwoPageProgram.PAGES * PAGE);
                program.turns.letOthersRun();
              }
            });
  }

  /** Makes reads of the store fail; a guest must use {@link #patientGuest}. */
  static Consumer<TwoPageProgram> everyOtherReadFails() {
    return program -> program.store.failingReads = read -> read % 2 == 0;
  }

  /** Stores to and loads from a page, and reads it again after a memory error. */
  static Consumer<TwoPageProgram> patientGuest(int word, int rounds, int page) {
    return program ->
        program.turns.add(
            "patient guest " + word,
            false,
            () -> {
              for (int i = 0; i < rounds; i++) {
                retry(program, () -> program.load(page, word));
                retry(program, () -> program.store(page, word));
              }
            });
  }

  /** As {@link #patientGuest}, alone with its page, which it discards after a memory error. */
  static Consumer<TwoPageProgram> discardingGuest(int rounds, int page) {
    return program ->
        program.turns.add(
            "discarding guest of page " + page,
            false,
            () -> {
              Runnable discard = () -> program.discard(page);
              for (int i = 0; i < rounds; i++) {
                retry(program, () -> program.load(page, 0), discard);
                retry(program, () -> program.store(page, 0), discard);
              }
            });
  }

  private static void retry(TwoPageProgram program, Runnable access) {
    retry(program, access, program.paged::clearErrors);
  }

  private static void retry(TwoPageProgram program, Runnable access, Runnable afterError) {
    while (true) {
      try {
        access.run();
        return;
      } catch (MemoryErrorException e) {
        afterError.run();
        program.turns.letOthersRun();
      }
    }
  }

  /** Clears errors while pages are poisoned and read again. */
  static Consumer<TwoPageProgram> clearer(int times) {
    return program ->
        program.turns.add(
            "clearer",
            false,
            () -> {
              for (int i = 0; i < times; i++) {
                program.paged.clearErrors();
                program.turns.letOthersRun();
              }
            });
  }

  /** Loads until the region is gone: each load finds the constant of the store, or fails. */
  static Consumer<TwoPageProgram> lateReader(int rounds, int page) {
    return program -> {
      putConstant(program, page);
      program.turns.add(
          "late reader of page " + page, false, () -> loadUntilGone(program, rounds, page));
    };
  }

  private static void putConstant(TwoPageProgram program, int page) {
    MemorySegment.ofArray(program.store.bytes)
        .set(ValueLayout.JAVA_LONG_UNALIGNED, page * PAGE + CONSTANT_OFFSET, CONSTANT);
  }

  private static void loadUntilGone(TwoPageProgram program, int rounds, int page) {
    for (int i = 0; i < rounds; i++) {
      try {
        long found = program.kernel.guestLoad(program.region.address(page) + CONSTANT_OFFSET);
        assertThat(found).as("page " + page).isEqualTo(CONSTANT);
      } catch (SystemCallException e) {
        assertThat(e.errno()).isEqualTo(Errno.EFAULT);
        return;
      } catch (MemoryErrorException e) {
        return;
      }
    }
  }

  /**
   * Copies the region while it changes, as precopy rounds do: all pages first, then those that the
   * write log reports. After the last report the copy equals the region.
   */
  static Consumer<TwoPageProgram> copier(int rounds) {
    return program -> {
      MemorySegment copy = program.arena.allocate(TwoPageProgram.PAGES * PAGE, PAGE);
      PagedReader reader = program.paged.reader();
      WriteLog[] log = new WriteLog[1];
      program.turns.add(
          "copier",
          false,
          () -> {
            log[0] = program.paged.startWriteLog();
            reader.read(0, copy, 0, copy.byteSize());
            for (int i = 0; i < rounds; i++) {
              PageBitmap dirty = new PageBitmap(TwoPageProgram.PAGES);
              log[0].collect(dirty);
              copy(reader, dirty, copy);
              program.turns.letOthersRun();
            }
          });
      program.atEnd.add(
          () -> {
            PageBitmap dirty = new PageBitmap(TwoPageProgram.PAGES);
            log[0].collectStopped(dirty);
            copy(reader, dirty, copy);
            log[0].close();
            for (int i = 0; i < program.stored.length; i++) {
              long offset = i / TwoPageProgram.WORDS * PAGE + i % TwoPageProgram.WORDS * 8L;
              assertThat(copy.get(ValueLayout.JAVA_LONG, offset))
                  .as("word " + i + " of the copy")
                  .isEqualTo(program.stored[i]);
            }
          });
    };
  }

  private static void copy(PagedReader reader, PageBitmap dirty, MemorySegment to) {
    for (long page = dirty.nextSet(0);
        page < TwoPageProgram.PAGES;
        page = dirty.nextSet(page + 1)) {
      reader.read(page * PAGE, to, page * PAGE, PAGE);
    }
  }

  /** Stores to both pages, and closes the region. */
  static Consumer<TwoPageProgram> closer() {
    return program ->
        program.turns.add(
            "closer",
            false,
            () -> {
              program.store(0, 0);
              program.store(1, 0);
              program.paged.close();
            });
  }
}
