/**
 * The incoming migration: receives one VM. {@link io.faultline.dest.MigrationDestination} is the
 * entry point; the VM itself is built and started through an {@link io.faultline.dest.IncomingVm}.
 *
 * <p>Three event loops, each one thread ({@code DestinationLoops}), own everything here:
 *
 * <ul>
 *   <li>the <b>accept loop</b>: new connections, until they are accepted;
 *   <li>the <b>control loop</b>, which is the fault reader: the userfaultfd, the control connection
 *       (requests out, urgent pages in), and the state machine;
 *   <li>the <b>bulk loop</b>, which is the background transfer: all bulk connections.
 * </ul>
 *
 * <p>The control loop and the bulk loop share {@code PagePlacer}, {@code CurrentPages}, the {@code
 * GuestPhase} and the counters, all of them thread-safe. {@link
 * io.faultline.dest.DestinationSettings} contains the destination's own settings.
 *
 * <p>The mechanisms, in the order in which data flows:
 *
 * <ol>
 *   <li><b>Accepting</b> (accept loop). {@link io.faultline.proto.accept} listens and performs the
 *       hello handshake. {@code MigrationAcceptor} decides whether a connection belongs to the
 *       migration, and creates an {@code IncomingSession} for the connections of each attempt.
 *   <li><b>State machine</b> (control loop). {@code IncomingController} puts it together. {@code
 *       IncomingDispatcher} passes events to {@code IncomingMigration} as {@code MigrationTask}s:
 *       from frames ({@code ControlReceiver}), from the bulk loop ({@code BulkEvents}), from new
 *       and lost connections ({@code IncomingConnections}), from the clock ({@code IncomingTicker})
 *       and from the user ({@code IncomingCancellation}). {@code IncomingMigration} knows the
 *       stages from RECEIVING to COMPLETED ({@link io.faultline.dest.IncomingState}), {@code
 *       IncomingEnd} how it ended, and what becomes of the VM. They act through {@code
 *       IncomingLink}, which {@code IncomingEffects} carries out; {@code ControlFrames} builds what
 *       it sends. {@code IncomingTimes}, {@code IncomingCounters}: what {@link
 *       io.faultline.dest.IncomingReport} contains at the end. {@code PublishedProgress}: what any
 *       thread may read.
 *   <li><b>Set-up</b> (control loop). {@code ReceivingPhase} lets the VM be built: {@link
 *       io.faultline.dest.AnnouncedRegion}, {@code AnnouncementValidator}, {@code
 *       MigrationParameters}, {@code PreparedMemory}. {@code IncomingMemory} registers the memory
 *       ({@code MemoryRegistration}), creates what fills it ({@code RegisteredMemory}, with a
 *       {@code PlacementContext}), rehearses the path of a page ({@code PlacementRehearsal}) and
 *       allocates pages beforehand ({@code Prepopulation}, {@link io.faultline.dest.Populate}).
 *   <li><b>A run of pages</b> (the loop of its connection). Each connection has one of the {@code
 *       PageStreams}. A {@code PageStream} checks and assembles the run: {@code IncomingRegions},
 *       {@code RunLimits}, {@code RunBuffer}, {@code RunVerifier}, {@code RunDecompressor}. A
 *       {@code PageTarget} places it: {@code CopyTarget} or {@code ContinueTarget}, both through
 *       {@code PagePlacer} (the userfaultfd ioctls) and {@code NativeCopy}. What they may write
 *       depends on the {@code GuestPhase}.
 *   <li><b>Precopy</b> (bulk loop). {@code BulkReceiver} gets the frames of one bulk connection,
 *       {@code BulkPageStreams} has a {@code PageStream} for each, and {@code BulkChannelsReceiver}
 *       puts them together: ends of rounds, and the discard set ({@code PageSetReader}, {@code
 *       DiscardBatch}).
 *   <li><b>READY and RUN</b> (control loop). {@code ReceivingPhase} loads the device state; {@code
 *       IncomingMigration} answers READY and starts the VM on RUN ({@code RunningPhase}).
 *   <li><b>A missing fault</b> (control loop, start to end). {@code UserfaultfdPoll} wakes the
 *       loop, {@code FaultReader} reads the faults, {@code RequestBatch} sends the requests ({@code
 *       RequestsSentEvent}). The answer arrives in {@code ControlReceiver}, the urgent {@code
 *       PageStream} assembles it, {@code PagePlacer} places it, and the same ioctl wakes the vCPU
 *       ({@code UrgentPagesPlacedEvent}).
 *   <li><b>Background pages</b> (bulk loop). As in precopy, until the end of the stream.
 *   <li><b>Minor faults</b>, with placement continue. {@code CurrentPages} has a bit for each base
 *       page, {@code InFlightRun} marks pages that are being written. {@code LocalFaultResolver}
 *       resolves faults on current pages (control loop); once the stale set is known, {@code
 *       CurrentMapper} maps the current pages in slices (bulk loop).
 *   <li><b>Admission</b>: {@link io.faultline.dest.MemoryAdmission} decides whether a VM fits,
 *       usually {@link io.faultline.dest.HostMemoryAdmission}: the VM's {@link
 *       io.faultline.dest.DestinationDemand}, as described by the source ({@code IncomingDemand}),
 *       and the {@link io.faultline.dest.NodeMemory}. {@code AdmittedMemory} keeps the promise
 *       until the migration ends.
 *   <li><b>Memory that runs out</b> once the guest runs here (the loop that places the page).
 *       {@code PagePlacer} returns how much it placed, a {@code PageTarget} keeps what is left of
 *       its run, and the {@code PageStream} pauses its connection. {@code MemoryRetries} tries
 *       every {@code MemoryWaiter} of a loop again ({@code MemoryWaits}); {@code MemoryShortage}
 *       tells the user and, through {@code IncomingMigration}, the source.
 *   <li><b>A snapshot meanwhile</b> (the thread of the snapshot). {@code MemoryLending} lends it
 *       the userfaultfd as a {@code LentUserfaultfd}, if {@code MemoryLoan} allows: {@code
 *       PagePlacer} protects what it places, {@code FaultReader} passes write faults on ({@code
 *       WriteFaultQueue}), and the migration does not complete. {@link
 *       io.faultline.dest.LentMemory} is what the snapshot gets.
 *   <li><b>Completion</b> (control loop). {@code CompletionTracker} compares both streams with what
 *       is expected ({@code PostcopyPageCount}), closes userfaultfd and sends COMPLETED.
 *   <li><b>Waits</b> (control loop). {@code SourceWatch} knows what the connected source must do
 *       next, and until when; {@link io.faultline.proto.WaitReport} says when to print that.
 *   <li><b>Loss and recovery</b> (control loop). {@code SourceLiveness} tracks heartbeats and
 *       outages, {@code SourceRecovery} takes the steps of a recovery. When the source reconnects,
 *       {@code IncomingConnections} replaces the session, and {@code IncomingMemory} reports the
 *       pages that have arrived ({@link io.faultline.dest.received}).
 *   <li><b>A source that does not return</b> (control loop). {@code SourceLossHandler} stops the
 *       VM, or lets it continue without the {@code LostPages} ({@code LostPageRelease}); {@code
 *       LostPagePoisoning} poisons them, and {@code MissingHugePages} lets stopped vCPUs end.
 * </ol>
 *
 * <p>{@link io.faultline.dest.recording} records faults and placements for a report, if the
 * settings ask for it.
 */
@NullMarked
package io.faultline.dest;

import org.jspecify.annotations.NullMarked;
