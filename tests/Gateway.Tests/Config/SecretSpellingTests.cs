using Gateway.Config;

namespace Gateway.Tests.ConfigTests;

/// <summary>What is masked and what is not, by the ways it is written. Every secret here is made up.</summary>
public class SecretSpellingTests
{
    private const string Pem = "MIIEowIBAAKCAQEA7bqJtXUtnFEMIK7MDENGbPxRfiCYzzzz0123456789abcdef";

    [Test]
    [Arguments("DB_PASSWORD=\"hunter22\"", "hunter22")]
    [Arguments("DB_PASSWORD='hunter22'", "hunter22")]
    [Arguments("DB_PASSWORD=hunter", "hunter")]
    [Arguments("DB_PASSWORD=12345678", "12345678")]
    [Arguments("DB_PASSWORD=\"cutoff here", "cutoff")]
    [Arguments("SMTP_PASS=letmein1", "letmein1")]
    [Arguments("-e MYSQL_ROOT_PASSWORD=correcthorse mysql", "correcthorse")]
    [Arguments("mysql --password=correcthorse -u root", "correcthorse")]
    [Arguments("GET /x?user=1&access_token=abcdefgh HTTP", "abcdefgh")]
    [Arguments("Server=db;User Id=sa;Password=Str0ngPass;Encrypt=true", "Str0ngPass")]
    [Arguments("{\"password\": \"hunter\"}", "hunter")]
    [Arguments("{\"password\":\"correct horse battery\"}", "correct")]
    [Arguments("{\\\"password\\\": \\\"hunter22\\\"}", "hunter22")]
    [Arguments("{\"out\": \"{\\\\\\\"api_key\\\\\\\": \\\\\\\"hunter22zz\\\\\\\"}\"}", "hunter22zz")]
    [Arguments("password: \"hunter\"", "hunter")]
    [Arguments("password: hunter2hunter2", "hunter2hunter2")]
    [Arguments("password: P@ssw0rd!", "P@ssw0rd!")]
    [Arguments("client_secret: 550e8400-e29b-41d4-a716-446655440000", "446655440000")]
    [Arguments("token = 'qWeRtY0123456'", "qWeRtY0123456")]
    [Arguments("api_key: str = \"k3yk3yk3yk3y\"", "k3yk3yk3yk3y")]
    [Arguments("config['password'] = 'hunter22'", "hunter22")]
    [Arguments("const apiKey = `a1b2c3d4e5f6`", "a1b2c3d4e5f6")]
    [Arguments("string password = @\"hunter22x\";", "hunter22x")]
    [Arguments("password := \"hunter\\\"22\"", "22")]
    [Arguments("if (token == \"a1b2c3d4e5f6\")", "a1b2c3d4e5f6")]
    [Arguments("//registry.npmjs.org/:_authToken=550e8400-e29b-41d4-a716-446655440000", "446655440000")]
    [Arguments("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678")]
    [Arguments("Authorization: Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy")]
    [Arguments("authorization: token deadbeefdeadbeef", "deadbeefdeadbeef")]
    [Arguments("\"Authorization\": \"Bearer abcdefgh12345678\"", "abcdefgh12345678")]
    [Arguments("X-Api-Key: abcdefghijklmnopq", "abcdefghijklmnopq")]
    [Arguments("postgres://app:hunter22@db.example.com/app", "hunter22")]
    [Arguments("redis://:hunter22@cache:6379", "hunter22")]
    [Arguments("mongodb+srv://me:p%40ss@w0rd@cluster/db", "w0rd")]
    [Arguments("amqp://u:hunter@mq/%2f", "hunter")]
    [Arguments("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9m", "eyJzdWIiOiIxIn0")]
    [Arguments("SG.abcDEF123456.ghiJKL7890", "DEF123456")]
    [Arguments("dop_v1_0123456789abcdef", "6789abcdef")]
    [Arguments("fal_0123456789abcdef", "6789abcd")]
    [Arguments("bb_live_A1b2C3d4E5f6", "C3d4")]
    [Arguments("exa_0123456789abcdef", "6789abcd")]
    [Arguments("ya29.a0AfH6SMBx-yz_12345", "AfH6SMBx")]
    [Arguments("AKIAIOSFODNN7EXAMPLE", "OSFODNN7EX")]
    [Arguments("ASIAIOSFODNN7EXAMPLE", "OSFODNN7EX")]
    [Arguments("github_pat_11ABCDEFG0123456789_abcdefghij", "ABCDEFG0123456789")]
    [Arguments("hvs.CAESIJabcdef012345", "SIJabcdef")]
    [Arguments("xapp-1-A0123456789-0123456789", "A0123456789")]
    [Arguments("-----BEGIN RSA PRIVATE KEY-----\n" + Pem + "\nabcdef==\n-----END RSA PRIVATE KEY-----", Pem)]
    [Arguments("-----BEGIN OPENSSH PRIVATE KEY-----\nshort\n-----END OPENSSH PRIVATE KEY-----", "short")]
    [Arguments("-----BEGIN PRIVATE KEY-----\n" + Pem + "\n" + Pem, Pem)]
    [Arguments("-----BEGIN EC PRIVATE KEY-----\\n" + Pem + "\\n-----END EC PRIVATE KEY-----\\n", Pem)]
    [Arguments("     1|-----BEGIN RSA PRIVATE KEY-----\n     2|Proc-Type: 4,ENCRYPTED\n     3|\n     4|" + Pem + "\n     5|-----END RSA PRIVATE KEY-----", Pem)]
    [Arguments("+-----BEGIN PGP PRIVATE KEY BLOCK-----\n+\n+" + Pem + "\n+=abcd\n+-----END PGP PRIVATE KEY BLOCK-----", Pem)]
    public async Task Secrets_are_masked(string text, string secret) => await Assert.That(SecretMask.Redact(text)).DoesNotContain(secret);

    [Test]
    [Arguments("password = forms.CharField(max_length=128)")]
    [Arguments("refresh_token: string")]
    [Arguments("accessToken: string;")]
    [Arguments("token?: string | null")]
    [Arguments("private readonly ILogger token;")]
    [Arguments("password: Option<String>,")]
    [Arguments("secret: Vec<u8>")]
    [Arguments("key: &str, secret: &'a str")]
    [Arguments("apiKey: process.env.OPENAI_API_KEY")]
    [Arguments("API_KEY = os.environ[\"API_KEY\"]")]
    [Arguments("API_KEY=os.environ.get('KEY')")]
    [Arguments("const token = await getToken(user)")]
    [Arguments("token = self.session.token")]
    [Arguments("self.password = password")]
    [Arguments("login(user=user, password=password2)")]
    [Arguments("connect(token=new_token)")]
    [Arguments("password: user.passwordHash,")]
    [Arguments("secret: config.secret ?? ''")]
    [Arguments("CancellationToken cancellationToken = default)")]
    [Arguments("privateKey: Ed25519PrivateKey")]
    [Arguments("token: Uint8Array")]
    [Arguments("access_token=$ACCESS_TOKEN")]
    [Arguments("API_KEY=${API_KEY:-none}")]
    [Arguments("PASSWORD=$(pass show db)")]
    [Arguments("password: ${{ secrets.DB_PASSWORD }}")]
    [Arguments("password: {{ db_password }}")]
    [Arguments("f\"token={token}\"")]
    [Arguments("headers = {\"Authorization\": f\"Bearer {token}\"}")]
    [Arguments("'Authorization': 'Bearer ' + token")]
    [Arguments("Authorization: Bearer $TOKEN")]
    [Arguments("Authorization: Bearer <token>")]
    [Arguments("Bearer authentication is required")]
    [Arguments("basic understanding of tokens")]
    [Arguments("API_KEY=your-key-here")]
    [Arguments("API_KEY=your_api_key")]
    [Arguments("export OPENAI_API_KEY=\"sk-your-key-here\"")]
    [Arguments("token: <your token>")]
    [Arguments("PASSWORD=changeme")]
    [Arguments("SECRET=xxxxxxxx")]
    [Arguments("password: '********'")]
    [Arguments("max_token = 4096")]
    [Arguments("MAX_TOKEN=4096")]
    [Arguments("token: 0x1F")]
    [Arguments("password = \"%s\" % x")]
    [Arguments("REFRESH_TOKEN = \"refresh_token\"")]
    [Arguments("api_key: \"X-API-Key\"")]
    [Arguments("next_page_token: \"CAUQAA00\"")]
    [Arguments("pad_token = \"<pad>\"")]
    [Arguments("PRIMARY_KEY=user_id")]
    [Arguments("PWD=/home/me/work")]
    [Arguments("API_KEY_FILE=/run/secrets/key")]
    [Arguments("DB_PASSWORD=/run/secrets/db_password")]
    [Arguments("password: \"Password must have 8 characters.\"")]
    [Arguments("hf_model_v2 = hf_hub_download_v2")]
    [Arguments("npm_config_node_v20")]
    [Arguments("sk-learn-v1")]
    [Arguments("http://localhost:8080/path@v2")]
    [Arguments("postgres://user:password@localhost/db")]
    [Arguments("postgres://user:${DB_PASS}@localhost/db")]
    [Arguments("git@github.com:me/x.git")]
    [Arguments("if key.startswith(\"-----BEGIN RSA PRIVATE KEY-----\") and key.endswith(\"-----END RSA PRIVATE KEY-----\"):\n    aVeryLongNameOfAFunctionThatParsesKeys0()")]
    [Arguments("mark = \"-----BEGIN PRIVATE KEY-----\"\nparse(mark)\n")]
    [Arguments("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----")]
    [Arguments("sk-pro...6789 and DB_PASSWORD=*** again")]
    public async Task Everything_else_is_left_alone(string text)
    {
        await Assert.That(SecretMask.Redact(text)).IsEqualTo(text);
        await Assert.That(SecretMask.Redact(text, inSource: true)).IsEqualTo(text);
    }

    [Test]
    [Arguments("token = \"refresh\"")]
    [Arguments("password=\"secretpass\"")]
    [Arguments("const password = 'correct horse'")]
    public async Task Words_in_quotes_are_left_alone_in_source_code(string text) => await Assert.That(SecretMask.Redact(text, inSource: true)).IsEqualTo(text);

    [Test]
    [Arguments("DB_PASSWORD=hunter", "hunter")]
    [Arguments("api_key = \"a1b2c3d4e5f6\"", "a1b2c3d4e5f6")]
    [Arguments("x = 'ghp_0123456789abcdefghij'", "6789abcd")]
    [Arguments("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678")]
    public async Task Keys_are_masked_in_source_code_too(string text, string secret) => await Assert.That(SecretMask.Redact(text, inSource: true)).DoesNotContain(secret);

    [Test]
    [Arguments("{\"password\": \"hunter\", \"user\": \"me\"}")]
    [Arguments("a=1\nDB_PASSWORD=hunter22 # note\nb=2\n")]
    [Arguments("Authorization: Bearer abcdefgh12345678\nsk-proj-abcdefghij0123456789\n")]
    [Arguments("-----BEGIN PRIVATE KEY-----\n" + Pem + "\n-----END PRIVATE KEY-----\n")]
    public async Task What_was_masked_stays_as_it_is(string text)
    {
        string once = SecretMask.Redact(text);
        await Assert.That(once).IsNotEqualTo(text);
        await Assert.That(SecretMask.Redact(once)).IsEqualTo(once);
    }

    [Test]
    [Arguments("{\"password\": \"hunter\", \"n\": 1}", "{\"password\": \"***\", \"n\": 1}")]
    [Arguments("call(token='a1b2c3d4e5f6', x=1)", "call(token='***', x=1)")]
    [Arguments("DB_PASSWORD=hunter22 cmd", "DB_PASSWORD=*** cmd")]
    [Arguments("key = make(token=\"a1b2c3d4e5f6\")", "key = make(token=\"***\")")]
    [Arguments("secret = wrap(password=\"a1b2c3d4e5f6\")", "secret = wrap(password=\"***\")")]
    [Arguments("-----BEGIN PRIVATE KEY-----\nabcd\n-----END PRIVATE KEY-----\nnext", "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\nnext")]
    public async Task Only_the_value_is_replaced(string text, string masked) => await Assert.That(SecretMask.Redact(text)).IsEqualTo(masked);

    [Test]
    [Arguments("DB_PASSWORD=hunter22\nA=1\n", "DB_PASSWORD=***\nA=2\n", true)]
    [Arguments("DB_PASSWORD=hunter22\nA=1\n", "export DB_PASSWORD=*** # new\nA=1\n", true)]
    [Arguments("key = \"sk-proj-abcdefghij0123456789\"\n", "key = \"sk-pro...6789\"  # moved\n", true)]
    [Arguments("-----BEGIN PRIVATE KEY-----\n" + Pem + "\n-----END PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\nmore\n", true)]
    [Arguments("DB_PASSWORD=hunter22\nA=1\n", "DB_PASSWORD=hunter22\nA=2\n", false)]
    [Arguments("DB_PASSWORD=hunter22\nA=1\n", "DB_PASSWORD=other\n***\n", false)]
    [Arguments("DB_PASSWORD=***\nA=1\n", "DB_PASSWORD=***\nA=2\n", false)]
    [Arguments("call(first, second)\n", "call(...rest, first...second)\n", false)]
    [Arguments("# Title\n", "***bold***\n", false)]
    public async Task A_mask_in_the_place_of_a_value_is_found(string before, string after, bool carries)
    {
        await Assert.That(SecretMask.CarriesMask(after, before)).IsEqualTo(carries);
        await Assert.That(SecretMask.CarriesMask(after, null)).IsFalse();
    }

    [Test]
    [Timeout(60_000)]
    [Arguments("token=")]
    [Arguments("aA")]
    [Arguments("password: \\\"")]
    [Arguments("-----BEGIN PRIVATE KEY-----\n")]
    [Arguments("a://b:c")]
    [Arguments("sk-a_b-c.")]
    [Arguments("Bearer ")]
    [Arguments("x=\"y\\\\\" ")]
    public async Task Long_repetitions_come_to_an_end(string piece, CancellationToken cancellationToken)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 200_000 / piece.Length));
        await Assert.That(await Task.Run(() => SecretMask.Redact(text).Length, cancellationToken).WaitAsync(cancellationToken)).IsGreaterThan(0);
    }

    [Test]
    public async Task Values_that_the_process_knows_are_masked_wherever_they_stand()
    {
        using var home = new ConfigTestHome();
        home.Write("hermes/.env", "ODD_NAME=Zx9Zx9Zx9Zx9Zx9Zx9\nMY_TOKEN='blue horses'\nTERMINAL_CWD=/srv/project\nLLM_MODEL=anthropic/claude-sonnet-4-5-20250929\nSHORT_TOKEN=abc\n");
        var known = KnownSecrets.Of(home.Environment(("OPENAI_API_KEY", "plain-words-only"), ("DEEPSEEK_BASE_URL", "http://localhost:1234/v1"), ("HOME", "/home/somebody")), new ConfiguredSecrets(new HashSet<string>(), []));
        await Assert.That(string.Join(' ', known)).IsEqualTo("Zx9Zx9Zx9Zx9Zx9Zx9 plain-words-only blue horses");
        await Assert.That(KnownSecrets.Redact("say plain-words-only or blue horses, not /srv/project", known)).IsEqualTo("say *** or ***, not /srv/project");
    }
}
