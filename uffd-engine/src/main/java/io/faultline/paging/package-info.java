/**
 * Memory larger than RAM: paging in user space. The entries are {@link io.faultline.paging.Pager}
 * for memory of this process, and {@link io.faultline.paging.SharedMemoryPager} for that of others.
 *
 * <p>For applications:
 *
 * <ul>
 *   <li>{@link io.faultline.paging.Pager}, {@link io.faultline.paging.PagerOptions} and {@link
 *       io.faultline.paging.RegionOptions}; {@link io.faultline.paging.PagedRegion} ({@link
 *       io.faultline.paging.BackedRegion}), with {@link io.faultline.paging.AccessAdvice}; {@link
 *       io.faultline.paging.PagedAccess}: how Java code loads and stores; {@link
 *       io.faultline.paging.PagedReader}: how it copies pages out; {@link
 *       io.faultline.paging.WriteLog}: which pages were stored to.
 *   <li>{@link io.faultline.paging.SharedMemory}: what the pager does for one other process; {@link
 *       io.faultline.paging.PreparedRegion}, then {@link io.faultline.paging.SharedRegion}.
 *   <li>{@link io.faultline.paging.PageStore}: what is paged from and to; implementations are in
 *       {@code io.faultline.paging.store}.
 *   <li>{@link io.faultline.paging.PagingError} and {@link io.faultline.paging.PagingException};
 *       {@link io.faultline.paging.PagerStats}, from {@code Counters} by {@code Counter}.
 * </ul>
 *
 * <p>A fault: {@code FaultHandler} (a thread) reads it, {@code FaultService} does what the page's
 * state requires:
 *
 * <ul>
 *   <li>absent: {@code PageFills} reads it from the store into its {@code Lane}, with pages around
 *       it, and reads ahead.
 *   <li>staged: {@code StagedRescue} brings it back.
 *   <li>write-protected: {@code WriteFaults} makes it writable, with pages around it ({@code
 *       WriteRun}) if stores are sequential, or dense ({@code WriteDensity}).
 *   <li>stored to, but not writable: {@code RefusedStores}.
 *   <li>the store fails: the page is poisoned. {@code MappingEvents}: the mapping has changed.
 * </ul>
 *
 * <p>Both entries run the same mechanisms, {@code PagerCore}, which makes a {@code RegionPlan}
 * before any memory changes. What differs between private memory and shared memory of another
 * process is a {@code Backing}: {@code PrivateBacking} (UFFDIO_MOVE), {@code SharedBacking} (write
 * protection, PUNCH_HOLE once it is written). A {@code WatchedSpace} is a userfaultfd with the
 * regions of its process; {@code RegionCalls} is what an application may ask for.
 *
 * <p>{@code Placement} has the calls that put pages into a region. {@code PagedAccess} and {@code
 * PagedRegion} call {@code FaultService} too, with a lane of {@code LanePool}; {@code PagePins} are
 * the pins of a region, {@code PinBudget} limits all.
 *
 * <p>Making room: {@code FrameSupply} (frames, and waiting for them; {@code FrameShare}s are the
 * parts of regions with a budget and of all others, {@code FrameShares} says from which a page
 * should leave) wakes the {@code Evictor} (a thread), which takes runs from the {@code
 * EvictionQueue}; {@code RunEviction} drops their clean pages, and adds dirty ones to the staging
 * ring; {@code StagedWriter}s (threads, together {@code StagedWriters}) write those to the store.
 * {@code StoreWatch} notices a {@code StoreCall} that does not return. {@code Flusher} writes
 * without evicting; {@code Discarder} drops.
 *
 * <p>All share {@code PagerContext}, with the {@code Region}s in {@code Regions}, and the data
 * structures of {@code io.faultline.paging.table}. Threads agree on pages only by the state byte of
 * each page; there is no lock on the path of a fault but the spin lock of the stream table. {@code
 * Pause} is how they wait for each other.
 *
 * <p>No thread of the pager ever touches memory of a region, except by calls of the kernel.
 */
@NullMarked
package io.faultline.paging;

import org.jspecify.annotations.NullMarked;
