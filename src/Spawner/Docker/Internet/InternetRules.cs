using System.Net;
using System.Text;

namespace Spawner.Docker.Internet;

/// <summary>
/// The rules of the machine's firewall that make the network what it is called, as text for nft (pure). Two tables of the hub's own and nothing else's:
/// <code>
/// inet    to_machine  hook input    whatever a kernel sends to an address of the machine: refused but for names
///         onwards     hook forward  from a kernel: refused by address; to a kernel: answers only
/// bridge  neighbours  hook forward  from one kernel to another, across the bridge: dropped, whether or not the system shows such frames to the other table
/// </code>
/// A refusal is final in nft whatever other tables accept, and what is not refused here still passes theirs. Refused is what the kernel asked for as well as what some
/// translation of addresses made of it. For a kernel, no rule asks whether a connection is an old one, so what is refused from now on ends those that are open.
/// </summary>
internal static class InternetRules
{
    /// <param name="names">The hub's.</param>
    /// <param name="range">Of the network.</param>
    /// <param name="options">Have no <see cref="InternetPolicy.Problem"/>.</param>
    /// <param name="resolvers">Servers of names that kernels may ask.</param>
    /// <returns>Replaces what was there in one step: there is no moment without rules.</returns>
    public static string Write(InternetNames names, IPNetwork range, InternetOptions options, IReadOnlyList<IPAddress> resolvers) => $$"""
        table inet {{names.Table}} { }
        delete table inet {{names.Table}}
        table bridge {{names.Table}} { }
        delete table bridge {{names.Table}}
        table inet {{names.Table}} {
          set not_public { type ipv4_addr; flags interval; auto-merge; {{Elements(InternetPolicy.NotPublic)}} }
          set allowed { type ipv4_addr; flags interval; auto-merge; {{Elements(Ranges(options.Allow))}} }
          set refused { type ipv4_addr; flags interval; auto-merge; {{Elements(Ranges(options.Refuse))}} }
          set resolvers { type ipv4_addr; {{Elements(resolvers)}} }
          chain to_machine {
            type filter hook input priority -10; policy accept;
            iifname != "{{names.Bridge}}" return
            ct direction reply ct state established,related accept
            ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
            goto refuse
          }
          chain onwards {
            type filter hook forward priority -10; policy accept;
            iifname "{{names.Bridge}}" goto from_kernel
            oifname "{{names.Bridge}}" goto to_kernel
          }
          chain from_kernel {
            meta nfproto != ipv4 goto refuse
            oifname "{{names.Bridge}}" goto refuse
            ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
            ip daddr @refused goto refuse
            ct original ip daddr @refused goto refuse
            ip daddr @not_public ip daddr != @allowed goto refuse
            ct original ip daddr @not_public ct original ip daddr != @allowed goto refuse
            accept
          }
          chain to_kernel {
            ct state established,related accept
            drop
          }
          chain refuse {
            meta l4proto tcp reject with tcp reset
            reject with icmpx type admin-prohibited
          }
        }
        table bridge {{names.Table}} {
          chain neighbours {
            type filter hook forward priority -300; policy accept;
            ip saddr {{range}} drop
            ip daddr {{range}} drop
            arp saddr ip {{range}} drop
            arp daddr ip {{range}} drop
          }
        }

        """;

    /// <summary>List one table each, and fail where it is not there; nft before 1.0.7 finds only one of two in a transaction.</summary>
    public static IReadOnlyList<string> List(InternetNames names) => [$"list table inet {names.Table}\n", $"list table bridge {names.Table}\n"];

    /// <summary>Removes both, whether they are there or not.</summary>
    public static string Remove(InternetNames names)
    {
        StringBuilder text = new();
        foreach (string family in new[] { "inet", "bridge" })
            text.Append("table ").Append(family).Append(' ').Append(names.Table).Append(" { }\ndelete table ").Append(family).Append(' ').Append(names.Table).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<IPNetwork> Ranges(IEnumerable<string> written) => written.Select(InternetPolicy.Range).OfType<IPNetwork>();

    /// <summary>An empty list of elements is no word of nft.</summary>
    private static string Elements<T>(IEnumerable<T> elements)
    {
        string all = string.Join(", ", elements.Distinct());
        return all.Length == 0 ? "" : $"elements = {{ {all} }};";
    }
}
