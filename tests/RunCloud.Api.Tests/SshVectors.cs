namespace RunCloud.Api.Tests;

/// <summary>Throwaway keys and what OpenSSH 9.2's <c>ssh-keygen -l</c> printed of them. Their private halves were never kept.</summary>
internal static class SshVectors
{
    /// <summary>The line, what <c>ssh-keygen -lf</c> printed, and the fingerprint that <c>ssh-keygen -l -E md5</c> printed.</summary>
    internal static readonly (string Line, string Listing, string Md5)[] All =
    [
        (
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDOQiGP9vJPAwcdgizRuRejATfcef/kBm9HCjKKva8rgEZXZknD+JNYaJ0oS+tHPYXhKYk1m3"
            + "Hso9TLpzLINwWsnYjlrPfAfGy6SPrvP7IBAJXWZ/yjB+106QNjjhgk1xhVjTDJpULJbbJuZW24c2dAcwGcmfycQiyaSAA1Q6ZQaQ== old box",
            "1024 SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7As old box (RSA)",
            "MD5:1d:bf:08:53:44:10:4b:1d:e2:a7:af:cf:d2:80:76:b8"),
        (
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC/zsz1uNIzaF+QeYkVb1EHD8m/k1jHywqbyMqT+iRsw0zk49LBy2L81fZLVoSqDODecmgJ6f"
            + "W5UVnjvsfirc6vXOoOgK8i96lIqXmYgpuXNl1RuPf1s55BdzUTk82TSP4fVP05WeOVwcxKjo2mHYrm34dQ0oQ34L3uxbr/vpvP4EeUx0Pa3BcD"
            + "HUZNQFvAzgtsdPfiQRx0h00mop9lYEG4TU/HKhX6sPJQkvhNMotCIs3GC+RxLyd/siOdrsoPmFtGEne68YsdGhhTxFU5pz8dOHqEPVEHm325XQ"
            + "xbt0VqasxUs/kD3YngeTrbnn2qyaUxIyn6u3NRczviDvIqKUj/ dave@laptop",
            "2048 SHA256:K7UoXOgdGae6lpBwOHcCZmZBeH+hdSzyp8G96WZ8EHw dave@laptop (RSA)",
            "MD5:89:d1:ce:15:91:f3:1f:b5:46:0a:34:93:54:77:d6:07"),
        (
            "ssh-dss AAAAB3NzaC1kc3MAAACBANb7BkDRYYU4mnjanAA6yBYCs1LwyBpjZ6B5tppwqLnkv3fbHxosJ6ioDyqSMrMMCw4CmQnvgefVHxhhJC"
            + "Bm3eD5ne8IBnUBzph31bfmq99KSFlUC2Q4MkEqnh+UQuj0XvDRibpIiXkISi/nZ+Vidx18IUeKDRPfRcAJ8JsUfAZjAAAAFQCw0LDAMBLTlMuP"
            + "BBYVWxD6lDV+xwAAAIBpVQg4HFVccK4NYwVvCdxKC4fhTNWMc9bSLM5s6nb/v8xtK9dIJJwCTbM0n+uq1nhsnIcGoy3swnNLmyKx8o1hn42U9m"
            + "TzCx7om62Y18RwQkjBYRJJEblBORqWooFvicypMZAUQSiRrhl4tmwLRJlhp39mWhlHdt5eDBUl9Fa6KQAAAIAlkAQGyc5eRWBMUJWnN+qlXznM"
            + "PlHjwoNibQI09iGVmJP+g0Vsdku1QRYvQwgCbxcCu6gP3DfZy0Wqj/xQuFuj+qltw1loHx7nJCN3aYKN04bROm5P/qKNmZBpylSq7Hv1RwHzIB"
            + "rw9r3+b+a1rF6k7WLfyvrUyniDTIVCzwngMg== legacy",
            "1024 SHA256:ZgIz8HO6hEG6aBeDcmiS7bCHAbxf2xYRM2dEBbvv3p4 legacy (DSA)",
            "MD5:00:f1:83:31:c3:f6:f3:da:de:5e:18:b4:44:7c:81:5a"),
        (
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBI3I0n4TGbNyTpfTchvlcw0f/CfF8w4cR6Xkn+"
            + "htVtRnPvEuMgbf83myQNToJIvJVrmzjTxqMmvlXs7atncoBLw= ops team, shared",
            "256 SHA256:XXDzw00+Q1f4/+V/BslCY0ubyraU3DsjMYdjhl132wE ops team, shared (ECDSA)",
            "MD5:d2:42:c2:a8:33:bf:14:b4:c1:b7:5f:6e:b0:58:9c:99"),
        (
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBu3YNu9dPkXJjCvpLSB68xnRffVUaTOjpuz16"
            + "OWdlnWOAIopqaFFusBkMUY3OAJrHJhxY2b/sLvgPHxrakbU3o= erin@laptop",
            "256 SHA256:0q0kJWKdwpJ7lHPdtUvh6pz2Aj8E5G706+wVnpevqjg erin@laptop (ECDSA)",
            "MD5:76:1f:4c:82:3e:9b:06:98:98:9e:57:56:f4:31:5f:d0"),
        (
            "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBJ8OGbiaUYCNa3fcu+nFjuSPjtaw92MiduJ04i"
            + "7RdqlUdMk1Ax4koWR8nu5ufVcUFN7zLv1BjOJbDqqgayBcSVeFukwtpTa/EW2pZNLJAnSCnfGqA6lKdZbkBjGb9zZGKQ== zoë@büro",
            "384 SHA256:ASrJPgY+rm39Ke2VE5K7HaFMsZz+1bquRsLychcF9Fw zoë@büro (ECDSA)",
            "MD5:2b:de:77:9b:a4:fc:7b:b4:bb:36:06:af:a6:b6:3d:94"),
        (
            "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBACbFqampE8U0LYkVubH0rdJJz6N34Qd3tNcCo"
            + "4oPGpW3R/O9zQqWBjtojIKRW3ay8EibnYmqjAIJ5YG9bHdYlYejwEQOmmQkTk9BZAaIk5ZLziH84eQf5uEuCL007jHF+DyLvnSNkQFa1zILQxg"
            + "uf6dbc8LlOWagBJ+pyEGsvYvc6EzTQ== ",
            "521 SHA256:6/9Rm1z9RhupF+2A1iR6B/aVQWyOE4EOzL4JVdfWT24 no comment (ECDSA)",
            "MD5:19:0a:5e:cd:ac:65:2f:23:4e:d8:dd:df:25:22:04:fc"),
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/STIZX6B ali-ssh",
            "256 SHA256:OswZ/f4tliMTAj3E6nw93LNe9mkPxSORGqvOWSQ0MdU ali-ssh (ED25519)",
            "MD5:b3:37:eb:7e:e4:f3:88:28:39:19:2d:c7:4a:8f:63:56"),
        (
            "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/ST"
            + "IZX6BAAAABHNzaDo= yubikey of dave",
            "256 SHA256:Re6weAFXXAoYIdwjPXwu5rFC2/xnjxY+Kca1DIArHcY yubikey of dave (ED25519-SK)",
            "MD5:2a:ae:7c:4a:44:7c:0d:58:66:29:8f:93:9e:14:f1:a2"),
        (
            "sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBI3"
            + "I0n4TGbNyTpfTchvlcw0f/CfF8w4cR6Xkn+htVtRnPvEuMgbf83myQNToJIvJVrmzjTxqMmvlXs7atncoBLwAAAAIc3NoOndvcms= token",
            "256 SHA256:zIXE+8BmbA0ltYSODVMYCWw2T+jcUGknaPEoFdPjB0E token (ECDSA-SK)",
            "MD5:4c:87:e9:82:12:30:ff:f7:3d:22:18:f8:8d:73:24:61"),
        (
            "ssh-rsa-cert-v01@openssh.com AAAAHHNzaC1yc2EtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgLdGeYicfzLw21g6lpcOrdev5e09U1GVZR"
            + "z1A7Wao18IAAAADAQABAAAAgQDOQiGP9vJPAwcdgizRuRejATfcef/kBm9HCjKKva8rgEZXZknD+JNYaJ0oS+tHPYXhKYk1m3Hso9TLpzLINwW"
            + "snYjlrPfAfGy6SPrvP7IBAJXWZ/yjB+106QNjjhgk1xhVjTDJpULJbbJuZW24c2dAcwGcmfycQiyaSAA1Q6ZQaQAAAAAAAAAHAAAAAQAAAA1pZ"
            + "CBvZiByc2ExMDI0AAAADwAAAARyb290AAAAA3dlYgAAAABlkgCAAAAAAGd0hYAAAAAkAAAADnNvdXJjZS1hZGRyZXNzAAAADgAAAAoxMC4wLjA"
            + "uMC84AAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9yd"
            + "C1mb3J3YXJkaW5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACB"
            + "s5kczaJwyxsvsIRwKltnwmRzj1uihFDTz3v0kyGV+gQAAAFMAAAALc3NoLWVkMjU1MTkAAABAb9/QexLHao4WwM3QXu9YH6tzlU4bdap+w/JE3"
            + "V473ss/S6HU4JNHAC6Bi28bHnujNQhLyRuR5f0eadtIH5U0Dg== old box",
            "1024 SHA256:Jc+VK1mDDAeAp+CZUynxAqI5KH+cvYzL/+26xm6s7As old box (RSA-CERT)",
            "MD5:1d:bf:08:53:44:10:4b:1d:e2:a7:af:cf:d2:80:76:b8"),
        (
            "ssh-rsa-cert-v01@openssh.com AAAAHHNzaC1yc2EtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgspcQfak8FyRIEGrnGuwL/DQlCzCXZQ0XQ"
            + "1JW06C1q+MAAAADAQABAAABAQC/zsz1uNIzaF+QeYkVb1EHD8m/k1jHywqbyMqT+iRsw0zk49LBy2L81fZLVoSqDODecmgJ6fW5UVnjvsfirc6"
            + "vXOoOgK8i96lIqXmYgpuXNl1RuPf1s55BdzUTk82TSP4fVP05WeOVwcxKjo2mHYrm34dQ0oQ34L3uxbr/vpvP4EeUx0Pa3BcDHUZNQFvAzgtsd"
            + "PfiQRx0h00mop9lYEG4TU/HKhX6sPJQkvhNMotCIs3GC+RxLyd/siOdrsoPmFtGEne68YsdGhhTxFU5pz8dOHqEPVEHm325XQxbt0VqasxUs/k"
            + "D3YngeTrbnn2qyaUxIyn6u3NRczviDvIqKUj/AAAAAAAAAAcAAAABAAAADWlkIG9mIHJzYTIwNDgAAAAPAAAABHJvb3QAAAADd2ViAAAAAGWSA"
            + "IAAAAAAZ3SFgAAAACQAAAAOc291cmNlLWFkZHJlc3MAAAAOAAAACjEwLjAuMC4wLzgAAACCAAAAFXBlcm1pdC1YMTEtZm9yd2FyZGluZwAAAAA"
            + "AAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcAAAAAAAAAFnBlcm1pdC1wb3J0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAAD"
            + "nBlcm1pdC11c2VyLXJjAAAAAAAAAAAAAAEXAAAAB3NzaC1yc2EAAAADAQABAAABAQC/zsz1uNIzaF+QeYkVb1EHD8m/k1jHywqbyMqT+iRsw0z"
            + "k49LBy2L81fZLVoSqDODecmgJ6fW5UVnjvsfirc6vXOoOgK8i96lIqXmYgpuXNl1RuPf1s55BdzUTk82TSP4fVP05WeOVwcxKjo2mHYrm34dQ0"
            + "oQ34L3uxbr/vpvP4EeUx0Pa3BcDHUZNQFvAzgtsdPfiQRx0h00mop9lYEG4TU/HKhX6sPJQkvhNMotCIs3GC+RxLyd/siOdrsoPmFtGEne68Ys"
            + "dGhhTxFU5pz8dOHqEPVEHm325XQxbt0VqasxUs/kD3YngeTrbnn2qyaUxIyn6u3NRczviDvIqKUj/AAABFAAAAAxyc2Etc2hhMi01MTIAAAEAE"
            + "dndEF+X/PGruuvaGqzHknJcvNVCjQ9+Lp8leM8ovwvxYMQyShoBgpfgHynGSO8zw6tDr6eGsJx0DnFkqccg1SVIQM0gDQdIxOSglu0wmlHg3B7"
            + "5df48YA/IlkxFoi0FYcII+cWkp2TILt/bpp9r+b802LLk1i1hyqdNHVP+1GYLAAi2Sx7Ieg/OyTBjP0cKNTPawt/1uf2GKUOQZ3+JQvF+JTxMy"
            + "M7M/MDzQMLlKmw/d/k61r68DXFH6Z6YvOrLxb354yfY/E8bZe3J1W9RDSNM8SAp6D4/U3/lU/jTnoZgLKZiS5EIbjkL5eMEuYMY6erCfJGASw3"
            + "Zt1KMv6skjg== dave@laptop",
            "2048 SHA256:K7UoXOgdGae6lpBwOHcCZmZBeH+hdSzyp8G96WZ8EHw dave@laptop (RSA-CERT)",
            "MD5:89:d1:ce:15:91:f3:1f:b5:46:0a:34:93:54:77:d6:07"),
        (
            "ssh-dss-cert-v01@openssh.com AAAAHHNzaC1kc3MtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgdeQYDBhgnuMzTrJgrTCW8v7DayBO5MIPB"
            + "aSB0G48c4MAAACBANb7BkDRYYU4mnjanAA6yBYCs1LwyBpjZ6B5tppwqLnkv3fbHxosJ6ioDyqSMrMMCw4CmQnvgefVHxhhJCBm3eD5ne8IBnU"
            + "Bzph31bfmq99KSFlUC2Q4MkEqnh+UQuj0XvDRibpIiXkISi/nZ+Vidx18IUeKDRPfRcAJ8JsUfAZjAAAAFQCw0LDAMBLTlMuPBBYVWxD6lDV+x"
            + "wAAAIBpVQg4HFVccK4NYwVvCdxKC4fhTNWMc9bSLM5s6nb/v8xtK9dIJJwCTbM0n+uq1nhsnIcGoy3swnNLmyKx8o1hn42U9mTzCx7om62Y18R"
            + "wQkjBYRJJEblBORqWooFvicypMZAUQSiRrhl4tmwLRJlhp39mWhlHdt5eDBUl9Fa6KQAAAIAlkAQGyc5eRWBMUJWnN+qlXznMPlHjwoNibQI09"
            + "iGVmJP+g0Vsdku1QRYvQwgCbxcCu6gP3DfZy0Wqj/xQuFuj+qltw1loHx7nJCN3aYKN04bROm5P/qKNmZBpylSq7Hv1RwHzIBrw9r3+b+a1rF6"
            + "k7WLfyvrUyniDTIVCzwngMgAAAAAAAAAHAAAAAQAAAAlpZCBvZiBkc2EAAAAPAAAABHJvb3QAAAADd2ViAAAAAGWSAIAAAAAAZ3SFgAAAACQAA"
            + "AAOc291cmNlLWFkZHJlc3MAAAAOAAAACjEwLjAuMC4wLzgAAACCAAAAFXBlcm1pdC1YMTEtZm9yd2FyZGluZwAAAAAAAAAXcGVybWl0LWFnZW5"
            + "0LWZvcndhcmRpbmcAAAAAAAAAFnBlcm1pdC1wb3J0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1pdC11c2VyLXJjA"
            + "AAAAAAAAAAAAACIAAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBJ8OGbiaUYCNa3fcu+nFjuSPjtaw92MiduJ04i7Rdql"
            + "UdMk1Ax4koWR8nu5ufVcUFN7zLv1BjOJbDqqgayBcSVeFukwtpTa/EW2pZNLJAnSCnfGqA6lKdZbkBjGb9zZGKQAAAIQAAAATZWNkc2Etc2hhM"
            + "i1uaXN0cDM4NAAAAGkAAAAxAJWSL03MymhoE6LOIvW+6+TXvEGGQIlVeJi9JX5AWe8QGelKp+i9jQA1hlrQArNjOwAAADAlizTfgDm69XcJLap"
            + "J87pzbdOQD1qMJMGWTXOCsMOG0iW1mCYpRKrLKKBhg7jZL9Y= legacy",
            "1024 SHA256:ZgIz8HO6hEG6aBeDcmiS7bCHAbxf2xYRM2dEBbvv3p4 legacy (DSA-CERT)",
            "MD5:00:f1:83:31:c3:f6:f3:da:de:5e:18:b4:44:7c:81:5a"),
        (
            "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAg3qXFY"
            + "IBJmbloUEXMolyJiRV0f+2Y9avVYDo1XTvUSDEAAAAIbmlzdHAyNTYAAABBBI3I0n4TGbNyTpfTchvlcw0f/CfF8w4cR6Xkn+htVtRnPvEuMgb"
            + "f83myQNToJIvJVrmzjTxqMmvlXs7atncoBLwAAAAAAAAABwAAAAEAAAAKaWQgb2YgcDI1NgAAAA8AAAAEcm9vdAAAAAN3ZWIAAAAAZZIAgAAAA"
            + "ABndIWAAAAAJAAAAA5zb3VyY2UtYWRkcmVzcwAAAA4AAAAKMTAuMC4wLjAvOAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABd"
            + "wZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVyb"
            + "Wl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgbOZHM2icMsbL7CEcCpbZ8Jkc49booRQ08979JMhlfoEAAABTAAAAC3N"
            + "zaC1lZDI1NTE5AAAAQOgo2T/jlWFmukslu+HLbQFJPgsLrff+JlP7TKhdiLWJAn/LMSeh7AEn5W9Hhde2XlGUlbHeJXo2pMR7RN+d9gU= ops "
            + "team, shared",
            "256 SHA256:XXDzw00+Q1f4/+V/BslCY0ubyraU3DsjMYdjhl132wE ops team, shared (ECDSA-CERT)",
            "MD5:d2:42:c2:a8:33:bf:14:b4:c1:b7:5f:6e:b0:58:9c:99"),
        (
            "ecdsa-sha2-nistp384-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAzODQtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgAnlbW"
            + "Lk8M3zW1Eiu1D3gwOADyxZQq/QHErE6OYqVsYQAAAAIbmlzdHAzODQAAABhBJ8OGbiaUYCNa3fcu+nFjuSPjtaw92MiduJ04i7RdqlUdMk1Ax4"
            + "koWR8nu5ufVcUFN7zLv1BjOJbDqqgayBcSVeFukwtpTa/EW2pZNLJAnSCnfGqA6lKdZbkBjGb9zZGKQAAAAAAAAAHAAAAAQAAAAppZCBvZiBwM"
            + "zg0AAAADwAAAARyb290AAAAA3dlYgAAAABlkgCAAAAAAGd0hYAAAAAkAAAADnNvdXJjZS1hZGRyZXNzAAAADgAAAAoxMC4wLjAuMC84AAAAggA"
            + "AABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJka"
            + "W5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACBs5kczaJwyxsv"
            + "sIRwKltnwmRzj1uihFDTz3v0kyGV+gQAAAFMAAAALc3NoLWVkMjU1MTkAAABAEed6yinvyIwxFGiv39COdY0ox3in1Eu8WQbLKPiBzvj3AVJjA"
            + "eWI2Mx09IspbgbFKHhl7naUQ2nO09zHUWw7DA== zoë@büro",
            "384 SHA256:ASrJPgY+rm39Ke2VE5K7HaFMsZz+1bquRsLychcF9Fw zoë@büro (ECDSA-CERT)",
            "MD5:2b:de:77:9b:a4:fc:7b:b4:bb:36:06:af:a6:b6:3d:94"),
        (
            "ecdsa-sha2-nistp521-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHA1MjEtY2VydC12MDFAb3BlbnNzaC5jb20AAAAgF52Pf"
            + "OrHDZz6/R+c6IzhI6g0zHTwjNlvR80rjlMzYe0AAAAIbmlzdHA1MjEAAACFBACbFqampE8U0LYkVubH0rdJJz6N34Qd3tNcCo4oPGpW3R/O9zQ"
            + "qWBjtojIKRW3ay8EibnYmqjAIJ5YG9bHdYlYejwEQOmmQkTk9BZAaIk5ZLziH84eQf5uEuCL007jHF+DyLvnSNkQFa1zILQxguf6dbc8LlOWag"
            + "BJ+pyEGsvYvc6EzTQAAAAAAAAAHAAAAAQAAAAppZCBvZiBwNTIxAAAADwAAAARyb290AAAAA3dlYgAAAABlkgCAAAAAAGd0hYAAAAAkAAAADnN"
            + "vdXJjZS1hZGRyZXNzAAAADgAAAAoxMC4wLjAuMC84AAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb"
            + "3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAA"
            + "AAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACBs5kczaJwyxsvsIRwKltnwmRzj1uihFDTz3v0kyGV+gQAAAFMAAAALc3NoLWVkMjU1MTkAAABAH"
            + "0032z+eQdmWDhzf5HLnu9tDrlXKeQfXBu3+90S+TZI7pf3h/uCNwCGaPdNcnhp1SRCqjA0SNQcRBFzKZKB7Cg== p521.pub",
            "521 SHA256:6/9Rm1z9RhupF+2A1iR6B/aVQWyOE4EOzL4JVdfWT24 p521.pub (ECDSA-CERT)",
            "MD5:19:0a:5e:cd:ac:65:2f:23:4e:d8:dd:df:25:22:04:fc"),
        (
            "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIE45AzuaCGBjJfQkKJqisVkt3"
            + "JFc6duEUO6x6qJyIe9eAAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/STIZX6BAAAAAAAAAAcAAAABAAAACGlkIG9mIGVkAAAADwAAAAR"
            + "yb290AAAAA3dlYgAAAABlkgCAAAAAAGd0hYAAAAAkAAAADnNvdXJjZS1hZGRyZXNzAAAADgAAAAoxMC4wLjAuMC84AAAAggAAABVwZXJtaXQtW"
            + "DExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAAp"
            + "wZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAaAAAABNlY2RzYS1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQ"
            + "QSNyNJ+Exmzck6X03Ib5XMNH/wnxfMOHEel5J/obVbUZz7xLjIG3/N5skDU6CSLyVa5s408ajJr5V7O2rZ3KAS8AAAAZAAAABNlY2RzYS1zaGE"
            + "yLW5pc3RwMjU2AAAASQAAACAUfM7ooMBYlRMiwKgaoaYGoAWirWd3Gc9eIvdaa+hp4QAAACEAsfdj9cloXHGFFzNiypyFKe7Fn4uITRTG9rc0s"
            + "GygZqU= ali-ssh",
            "256 SHA256:OswZ/f4tliMTAj3E6nw93LNe9mkPxSORGqvOWSQ0MdU ali-ssh (ED25519-CERT)",
            "MD5:b3:37:eb:7e:e4:f3:88:28:39:19:2d:c7:4a:8f:63:56"),
        (
            "sk-ssh-ed25519-cert-v01@openssh.com AAAAI3NrLXNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIK8qmvU/DrUVaWW6ZH"
            + "tNESQz+RiRRK1MTVnf/nd0bhsPAAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/STIZX6BAAAABHNzaDoAAAAAAAAABwAAAAEAAAAKaWQg"
            + "b2Ygc2tlZAAAAA8AAAAEcm9vdAAAAAN3ZWIAAAAAZZIAgAAAAABndIWAAAAAJAAAAA5zb3VyY2UtYWRkcmVzcwAAAA4AAAAKMTAuMC4wLjAvOA"
            + "AAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9y"
            + "d2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgbOZHM2"
            + "icMsbL7CEcCpbZ8Jkc49booRQ08979JMhlfoEAAABTAAAAC3NzaC1lZDI1NTE5AAAAQEabRc2N1WWOZz2AikM+UjTs00/93glQMlch9xAbDtbp"
            + "uRmAdJt44R4pnvrR00y5ReaL4dAsGRi9tznHHOd4DAI= yubikey of dave",
            "256 SHA256:Re6weAFXXAoYIdwjPXwu5rFC2/xnjxY+Kca1DIArHcY yubikey of dave (ED25519-SK-CERT)",
            "MD5:2a:ae:7c:4a:44:7c:0d:58:66:29:8f:93:9e:14:f1:a2"),
        (
            "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAK3NrLWVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAA"
            + "AgjdPRRHB9DbiUZ/2M4uA1cjpusLSM7dsIKDm6m3WNWsAAAAAIbmlzdHAyNTYAAABBBI3I0n4TGbNyTpfTchvlcw0f/CfF8w4cR6Xkn+htVtRn"
            + "PvEuMgbf83myQNToJIvJVrmzjTxqMmvlXs7atncoBLwAAAAIc3NoOndvcmsAAAAAAAAABwAAAAEAAAAKaWQgb2Ygc2tlYwAAAA8AAAAEcm9vdA"
            + "AAAAN3ZWIAAAAAZZIAgAAAAABndIWAAAAAJAAAAA5zb3VyY2UtYWRkcmVzcwAAAA4AAAAKMTAuMC4wLjAvOAAAAIIAAAAVcGVybWl0LVgxMS1m"
            + "b3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybW"
            + "l0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgbOZHM2icMsbL7CEcCpbZ8Jkc49booRQ0"
            + "8979JMhlfoEAAABTAAAAC3NzaC1lZDI1NTE5AAAAQIVEkYvF/zUnu3HW6rRdSwJ/EUwm/e4NQrml3zhMSSdYlLlpp1WkikbS7s0XC7f6P8YPsb"
            + "GilEY1z2eysjn/Aw4= token",
            "256 SHA256:zIXE+8BmbA0ltYSODVMYCWw2T+jcUGknaPEoFdPjB0E token (ECDSA-SK-CERT)",
            "MD5:4c:87:e9:82:12:30:ff:f7:3d:22:18:f8:8d:73:24:61"),
    ];

    internal static IEnumerable<string> Lines => All.Select(vector => vector.Line);
}
