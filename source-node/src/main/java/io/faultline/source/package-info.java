/**
 * The outgoing migration: moves an {@link io.faultline.source.OutgoingVm} to a destination node.
 *
 * <p>Two event loops ({@code OutgoingLoops}). The <i>control loop</i> owns the state machines and
 * the control connection, on which it answers page requests. The <i>bulk loop</i> owns the bulk
 * connections, which carry all other pages. They share the sent bitmap, the rate limit, the access
 * hints and the counters. In the order in which a page goes out:
 *
 * <dl>
 *   <dt>Entry (any thread)
 *   <dd>{@link io.faultline.source.MigrationSource}, with {@link
 *       io.faultline.source.SourceSettings}, {@link io.faultline.source.PrecopySettings}, {@link
 *       io.faultline.source.WireSettings}, {@link io.faultline.source.ReconnectSettings} and {@link
 *       io.faultline.source.MigrationIdentity}.
 *   <dt>State machines (control loop, without clock and sockets)
 *   <dd>{@code OutgoingMigration}: {@code OutgoingHandover} up to the commit point, {@code
 *       OutgoingPostcopy} after it. {@code OutgoingController} puts them together, and passes them
 *       the time and the user's commands ({@code OutgoingCommands}). {@code OutgoingDispatcher}
 *       passes them the events of the current session, {@code OutgoingEffects} carries out what
 *       they decide ({@code OutgoingLink}); {@code ControlFrames} builds what they send.
 *   <dt>Set-up (control loop)
 *   <dd>{@code OutgoingAttempts} starts an attempt, {@code OutgoingConnector} establishes its
 *       connections, with {@link io.faultline.proto.connect}. {@code OutgoingSession} holds them.
 *       {@code ControlReceiver} and {@code BulkReceiver} receive their events. {@code
 *       OutgoingStreams} creates the senders. {@code ClockOffset} measures the peer's clock, {@code
 *       SetupMessages} describes the VM.
 *   <dt>Memory (both loops)
 *   <dd>{@code OutgoingRegions} and {@code OutgoingRegion}: which pages are dirty, stale, sent and
 *       hot.
 *   <dt>Precopy (control loop)
 *   <dd>{@code PrecopyRounds} runs the rounds and reads the dirty log, {@code PrecopyPolicy}
 *       decides when to stop. {@code PrecopyRound} sends the pages of one round (bulk loop). {@code
 *       PrecopyWatch} notices a silent destination.
 *   <dt>Switchover (control loop)
 *   <dd>{@code Switchover} pauses the VM and sends its state, {@code PageSetWriter} the set of
 *       stale pages (bulk loop). {@code BitmapRehearsal} warms up the JIT before. {@link
 *       io.faultline.source.OwnershipLog} records each change of the VM's owner.
 *   <dt>Page requests (control loop)
 *   <dd>{@code PageRequestServer} answers them, and sends pages that the VM needs first or that the
 *       {@code Prefetcher} of the package {@code scan} chooses. {@code AnswersSentEvent} is its JFR
 *       event.
 *   <dt>Background scan (bulk loop)
 *   <dd>{@code BackgroundScan} sends the pages that no one has requested, in the order that the
 *       package {@code scan} chooses.
 *   <dt>Bulk connections (bulk loop)
 *   <dd>{@code BulkStream} queues rounds, page sets and the scan. {@code BulkPump} runs them, as
 *       fast as {@code RateLimit} and the connections allow. {@code BulkChannels} spreads the pages
 *       over the connections.
 *   <dt>The wire (the loop of the connection)
 *   <dd>{@code PageSink} and {@code ChannelPageSink} write frames, with data from {@code
 *       GuestBuffers}. {@code ZeroRuns} finds zero pages. {@link io.faultline.proto.runs}
 *       compresses runs on bulk connections.
 *   <dt>Loss and recovery (control loop)
 *   <dd>{@code OutgoingPostcopy}, with {@code ReconnectSchedule} of {@link
 *       io.faultline.proto.connect}. {@code ReceivedPagesReader} reads which pages the destination
 *       has.
 *   <dt>Cancellation
 *   <dd>{@link io.faultline.source.MigrationSource#cancel} before the commit point. {@link
 *       io.faultline.source.SwitchoverCancellation} for a later process that resumes the VM, which
 *       notifies a destination that still waits for RUN (caller's thread).
 *   <dt>Reports (any thread)
 *   <dd>{@code OutgoingCounters} and {@code OutgoingTimes} collect, {@code OutgoingMeters}
 *       registers the meters, {@code OutgoingReporter} builds {@link
 *       io.faultline.source.OutgoingReport}, {@code PublishedProgress} {@link
 *       io.faultline.source.OutgoingProgress}. {@link io.faultline.source.recording} records states
 *       and rounds for a report, if the settings ask for it (control loop).
 *   <dt>Journal (control loop)
 *   <dd>The package {@code journal} is an {@code OwnershipLog} on disk, from which a later process
 *       resumes the migration.
 * </dl>
 */
@NullMarked
package io.faultline.source;

import org.jspecify.annotations.NullMarked;
