import type { Command } from 'commander';
import type { ControlClient } from '../../client/control-client.ts';
import type { WorkspaceView } from '../../contract/control.ts';
import { asCalled } from '../../files/called-as.ts';
import { namedAts } from '../connect/named-ats.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { type AtsRequest, addViaOptions, sendAsAts, type ViaFlags } from '../send/send-as-ats.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput, type GlobalOptions, type Output } from '../terminal/output.ts';
import { formatTable, tableWidth } from '../terminal/table.ts';

interface AddFlags extends ViaFlags {
  name: string;
  adminName: string;
  adminEmail: string;
}

interface MemberFlags extends ViaFlags {
  userId: string;
  name: string;
  email: string;
}

export function define(command: Command, io: Io): void {
  command
    .command('list', { isDefault: true })
    .description('list the workspaces with their members')
    .action(async (_flags: unknown, list: Command) => {
      const output = createOutput(io, list);
      const page = await withEmulator(io, list, (client) => client.workspaces());
      output.document({ ...page });
      printList(page.items, io, output);
    });
  const addCommand = command
    .command('add')
    .description('add a provisioned workspace')
    .argument('<client-id>', 'the client_id of the workspace')
    .requiredOption('--name <name>', 'name of the workspace')
    .requiredOption('--admin-name <name>', 'name of its first member')
    .requiredOption('--admin-email <email>', 'e-mail of its first member');
  addViaOptions(addCommand).action(async (clientId: string, flags: AddFlags, self: Command) => {
    const body = { name: flags.name, admin_name: flags.adminName, admin_email: flags.adminEmail };
    // By REST the admin's member id is the e-mail address: the same here (contract, section 3).
    const fields = { user_id: flags.adminEmail, ...body };
    await change(self, io, flags, { event: 'workspace.created', clientId, fields }, (client, ats_id) =>
      client.addWorkspace({ ats_id, client_id: clientId, ...body }),
    );
  });
  const memberCommand = command
    .command('member-add')
    .description('add a member to a workspace')
    .argument('<client-id>', 'the client_id of the workspace')
    .requiredOption('--user-id <id>', 'the user_id of the member')
    .requiredOption('--name <name>', 'name of the member')
    .requiredOption('--email <email>', 'e-mail of the member');
  addViaOptions(memberCommand).action(async (clientId: string, flags: MemberFlags, self: Command) => {
    const { userId: user_id, name, email } = flags;
    const fields = { user_id, member_user_id: user_id, name, email };
    await change(self, io, flags, { event: 'workspace.member_added', clientId, fields }, (client, ats_id) =>
      client.addMember(clientId, { ats_id, user_id, name, email }),
    );
  });
  addCommand.addHelpText('after', `${VIA_HELP}${ADD_EXAMPLES}`);
  memberCommand.addHelpText('after', `${VIA_HELP}${MEMBER_EXAMPLE}`);
  command.addHelpText('after', HELP);
}

const VIA_HELP = `
Without --via this takes effect at once, and no event follows. With --via it happens as in production: 202,
provisioning (provisioningLatency in the config file), then workspace.provisioned or workspace.member_added.

Examples:
`;

const ADD_EXAMPLES = `  carvos workspace add de-vries --name "De Vries" --admin-name "Anna de Vries" --admin-email anna@devries.example
  carvos workspace add jansen --name Jansen --admin-name "Piet Jansen" --admin-email piet@jansen.example \\
    --via rest --wait`;

const MEMBER_EXAMPLE = `  carvos workspace member-add acme-corp --user-id recruiter-001 --name "Jane Smith" --email jane@acme.example`;

const HELP = `
A workspace is one client of your ATS (a tenant). Until it is provisioned, requests for it are refused.

Examples:
  carvos workspace
${ADD_EXAMPLES}
${MEMBER_EXAMPLE}`;

/** Sends the request as the ATS does where that is asked for; otherwise has it done at once, and shows what came of it. */
async function change(
  command: Command,
  io: Io,
  flags: ViaFlags,
  request: AtsRequest,
  make: (client: ControlClient, atsId: string | undefined) => Promise<{ ats_id: string }>,
): Promise<void> {
  if (await sendAsAts(io, command, flags, request)) return;
  const workspace = await withEmulator(io, command, async (client) => {
    const { config } = command.optsWithGlobals<GlobalOptions>();
    const { ats_id } = await make(client, namedAts(io, { config, atsId: flags.atsId }));
    const { items } = await client.workspaces();
    return items.find((one) => one.ats_id === ats_id && one.client_id === request.clientId);
  });
  if (workspace === undefined) throw new CliError(`workspace ${request.clientId} is gone again`);
  const output = createOutput(io, command);
  output.document({ ...workspace });
  const members = workspace.members.map((member) => `${member.user_id} (${member.email})`).join(', ');
  const text = `${workspace.client_id} (${workspace.name}): ${workspace.status}, members ${members || 'none yet'}`;
  output.line(neutralizeLine(text));
}

function printList(workspaces: readonly WorkspaceView[], io: Io, output: Output): void {
  if (output.json) return;
  if (workspaces.length === 0) {
    output.note(asCalled('there is no workspace yet; carvos workspace add --help shows how to add one'));
    return;
  }
  const lines = formatTable<WorkspaceView>(
    [
      { title: 'CLIENT ID', value: (one) => one.client_id },
      { title: 'ATS', value: (one) => one.ats_id, min: 6, drop: 2 },
      { title: 'NAME', value: (one) => one.name, min: 8, drop: 1 },
      { title: 'STATUS', value: (one) => one.status },
      { title: 'MEMBERS', value: (one) => one.members.map((member) => member.user_id).join(', '), min: 7 },
    ],
    workspaces,
    tableWidth(io),
  );
  for (const line of lines) output.line(line);
}
