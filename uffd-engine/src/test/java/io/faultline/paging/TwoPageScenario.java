package io.faultline.paging;

import static io.faultline.paging.TwoPageActors.clearer;
import static io.faultline.paging.TwoPageActors.closer;
import static io.faultline.paging.TwoPageActors.copier;
import static io.faultline.paging.TwoPageActors.device;
import static io.faultline.paging.TwoPageActors.discardingGuest;
import static io.faultline.paging.TwoPageActors.everyOtherReadFails;
import static io.faultline.paging.TwoPageActors.flusher;
import static io.faultline.paging.TwoPageActors.lateReader;
import static io.faultline.paging.TwoPageActors.patientGuest;
import static io.faultline.paging.TwoPageActors.prefetcher;

import io.faultline.uffd.Errno;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/** What the threads of a {@link TwoPageProgram} do. */
enum TwoPageScenario {
  EVICTION_AND_RESCUE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0, 1)
          .evictor(8)
          .writer()
          .handlers(1);
    }
  },
  /** A page is staged again while an older write of it goes on. */
  TWO_WRITERS {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0, 1)
          .evictor(8)
          .writers(2)
          .flusher(1)
          .handlers(1);
    }
  },
  SHARED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 2, 0, 1)
          .evictor(4)
          .guest(1, 2, 1, 0)
          .writer()
          .handlers(2);
    }
  },
  FLUSH {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 5, 0, 1)
          .writer()
          .evictor(10)
          .flusher(5)
          .handlers(1);
    }
  },
  FLUSH_OF_SHARED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0)
          .flusher(4)
          .guest(1, 4, 0, 1)
          .evictor(8)
          .writer()
          .handlers(2);
    }
  },
  DISCARD {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .discarder(0, 3)
          .evictor(5)
          .writer()
          .reader(2, 0, 1)
          .handlers(1);
    }
  },
  /** A page that is being written can be rescued only once the write has freed a frame. */
  NO_SPARE_FRAME {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 2, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 2, 0, 1)
          .evictorOnDemand()
          .writer()
          .reader(2, 1, 0)
          .handlers(2);
    }
  },
  JAVA_CODE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .java(0, 3, 0, 1)
          .evictor(5)
          .guest(1, 2, 1, 0)
          .writer()
          .flusher(1)
          .handlers(1);
    }
  },
  /** A page is flushed while both are evicted and the other one is written to. */
  FLUSH_OF_ONE_PAGE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 2, 0)
          .evictor(6)
          .with(flusher(0, 3))
          .guest(0, 4, 1)
          .writer()
          .handlers(2);
    }
  },
  /** A page is discarded while it is filled, by two threads at once. */
  DISCARD_DURING_FILL {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .reader(3, 0)
          .discarder(0, 3)
          .evictor(6)
          .writer()
          .reader(3, 0)
          .handlers(2);
    }
  },
  PREFETCH {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .with(prefetcher(3))
          .evictor(6)
          .guest(0, 3, 1, 0)
          .writer()
          .handlers(1);
    }
  },
  /** The region is closed while other threads still fault on it. */
  CLOSE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .with(lateReader(20, 0))
          .with(closer())
          .evictor(4)
          .with(lateReader(20, 1))
          .writer()
          .handlers(2);
    }
  },
  /** Every other read fails: pages are poisoned, and read again. */
  POISON {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .with(everyOtherReadFails())
          .with(patientGuest(0, 3, 0))
          .evictor(8)
          .with(clearer(4))
          .with(patientGuest(1, 3, 0))
          .writer()
          .handlers(2);
    }
  },
  /** Every other read fails: pages are poisoned, and discarded. */
  DISCARDED_POISON {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .with(everyOtherReadFails())
          .with(discardingGuest(4, 0))
          .evictor(8)
          .with(discardingGuest(4, 1))
          .writer()
          .handlers(2);
    }
  },
  /** The region is copied while it changes, as a migration does. */
  COPY {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 2, 0, 1)
          .evictor(4)
          .with(copier(2))
          .writer()
          .handlers(1);
    }
  },
  /** The same while Java code stores and pages are flushed. */
  COPY_OF_FLUSHED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .java(0, 1, 0, 1)
          .with(copier(2))
          .flusher(1)
          .evictor(3)
          .guest(1, 1, 1)
          .writer()
          .handlers(1);
    }
  },
  /** The kernel holds a page for I/O, and refuses to move it. */
  IO_IN_FLIGHT {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 3, 0, 1)
          .evictor(8)
          .with(device(0, 3))
          .writer()
          .handlers(2);
    }
  },
  /** The kernel refuses every other rescue. */
  REFUSED_RESCUES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      int[] calls = new int[1];
      return rescuing(memory, passesOn, () -> calls[0]++ % 2 == 0 ? Errno.EBUSY : 0);
    }
  },
  /** No rescue succeeds: a page is read from the store once it is there. */
  NO_RESCUE {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return rescuing(memory, passesOn, () -> Errno.EINVAL);
    }
  },
  /** The kernel refuses every other call that protects pages or makes them writable. */
  REFUSED_PROTECTION {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      int[] calls = new int[1];
      return new TwoPageProgram(
              memory,
              4,
              passesOn,
              (call, arguments, staging, staged) ->
                  call.equals("writeProtect") && calls[0]++ % 2 == 0 ? Errno.EINVAL : 0)
          .guest(0, 4, 0, 1)
          .writer()
          .evictor(8)
          .flusher(4)
          .handlers(1);
    }
  },
  /** The application unmaps pages, which are in the file still. */
  UNMAPPED_PAGES {
    @Override
    TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn) {
      return new TwoPageProgram(memory, 4, passesOn, TwoPageProgram.Refusal.NONE)
          .guest(0, 4, 0, 1)
          .unmapper(4)
          .evictor(6)
          .flusher(2)
          .writer()
          .handlers(1);
    }
  };

  private static TwoPageProgram rescuing(
      ProgramMemory memory, IntPredicate passesOn, IntSupplier refusal) {
    return new TwoPageProgram(
            memory,
            4,
            passesOn,
            (call, arguments, staging, staged) -> {
              long source = call.equals("copy") || call.equals("move") ? (long) arguments[1] : 0;
              boolean isRescue = isWithin(source, staging) || isWithin(source, staged);
              return isRescue ? refusal.getAsInt() : 0;
            })
        .guest(0, 4, 0, 1)
        .evictor(8)
        .writer()
        .flusher(1)
        .handlers(1);
  }

  private static boolean isWithin(long address, long twoPages) {
    return address >= twoPages && address < twoPages + 2 * PagingKernels.PAGE;
  }

  /** Whether it is possible with this memory. */
  boolean isFor(ProgramMemory memory) {
    return switch (this) {
      case JAVA_CODE, CLOSE, COPY, COPY_OF_FLUSHED_PAGES, IO_IN_FLIGHT ->
          memory == ProgramMemory.PRIVATE; // that of another process is not mapped
      case POISON -> memory == ProgramMemory.PRIVATE; // another process can only discard
      case REFUSED_RESCUES, NO_RESCUE ->
          memory == ProgramMemory.PRIVATE; // else it is REFUSED_PROTECTION
      case UNMAPPED_PAGES -> memory == ProgramMemory.SHARED; // private pages would be lost
      default -> true;
    };
  }

  /** What happens in some interleavings. */
  Set<Counter> reaches() {
    return switch (this) {
      case EVICTION_AND_RESCUE ->
          Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case TWO_WRITERS -> Set.of(Counter.RESCUED, Counter.PAGES_WRITTEN);
      case SHARED_PAGES -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case FLUSH -> Set.of(Counter.RESCUED, Counter.PROTECT_FAULTS, Counter.EVICTED_CLEAN);
      case FLUSH_OF_SHARED_PAGES -> Set.of(Counter.RESCUED, Counter.PROTECT_FAULTS);
      case DISCARD -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case NO_SPARE_FRAME -> Set.of(Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case JAVA_CODE -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case FLUSH_OF_ONE_PAGE -> Set.of(Counter.PROTECT_FAULTS, Counter.EVICTED_DIRTY);
      case DISCARD_DURING_FILL -> Set.of(Counter.EVICTED_DIRTY, Counter.FILLS);
      case PREFETCH -> Set.of(Counter.RESCUED, Counter.EVICTED_CLEAN);
      case CLOSE -> Set.of(Counter.FILLS, Counter.EVICTED_DIRTY);
      case POISON, DISCARDED_POISON -> Set.of(Counter.ERRORS, Counter.EVICTED_DIRTY);
      case COPY -> Set.of(Counter.PROTECT_FAULTS, Counter.EVICTED_DIRTY);
      case COPY_OF_FLUSHED_PAGES -> Set.of(Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case IO_IN_FLIGHT -> Set.of(Counter.BUSY, Counter.EVICTED_DIRTY);
      case REFUSED_RESCUES -> Set.of(Counter.RESCUED, Counter.BUSY);
      case NO_RESCUE -> Set.of(Counter.EVICTED_DIRTY, Counter.PAGES_WRITTEN);
      case UNMAPPED_PAGES -> Set.of(Counter.RESCUED, Counter.EVICTED_DIRTY);
      case REFUSED_PROTECTION -> Set.of(Counter.RESCUED, Counter.PROTECT_FAULTS);
    };
  }

  abstract TwoPageProgram program(ProgramMemory memory, IntPredicate passesOn);
}
